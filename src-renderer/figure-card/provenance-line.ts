import { formatSeconds } from '../../src-shared/format-seconds.ts'
import type { AnyReport } from '../../src-shared/reports.ts'
import { formatCount } from '../figures/numbers.ts'

/** How a report was measured, in one line: images, seed, backend, day and duration. */
export function describeProvenance({ kind, provenance }: Pick<AnyReport, 'kind' | 'provenance'>): string {
  const { data, seed, backend, device, createdAt, seconds } = provenance
  const each = data?.split.includes(' and ') ? ' each' : ''
  const day = createdAt.slice(0, 10)
  const took = formatSeconds(seconds)
  return [
    data ? `${data.name} ${data.split}, ${formatCount(data.count)} images${each}` : '',
    kind === 'history' ? 'Read from the records of the runs' : `seed ${seed}`,
    kind === 'history' ? '' : [backend, device].filter(Boolean).join(', '),
    took && kind !== 'history' ? `${day}, took ${took}` : day
  ]
    .filter(Boolean)
    .join(' · ')
}
