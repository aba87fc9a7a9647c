import { formatSeconds } from '../../src-shared/format-seconds.ts'
import type { AnyReport, ProbeReport } from '../../src-shared/reports.ts'
import { formatCount } from '../figures/numbers.ts'

/** How a report was measured, in one line: images, seed, backend, day and duration. */
export function describeProvenance(report: AnyReport): string {
  const { kind, provenance } = report
  const { data, seed, backend, device, createdAt, seconds } = provenance
  const each = data?.split.includes(' and ') ? ' each' : ''
  const day = createdAt.slice(0, 10)
  const took = formatSeconds(seconds)
  return [
    data ? `${data.name} ${data.split}, ${formatCount(data.count)} images${each}` : '',
    report.kind === 'history' ? describeSources(report) : `seed ${seed}`,
    kind === 'history' ? '' : [backend, device].filter(Boolean).join(', '),
    took && kind !== 'history' ? `${day}, took ${took}` : day
  ]
    .filter(Boolean)
    .join(' · ')
}

/** Where the curves of a history were read. */
function describeSources({ checkpoints }: ProbeReport<'history'>): string {
  const files = checkpoints.flatMap(({ curves = [] }) => curves.map(({ file }) => file))
  if (files.length === 0) return 'Read from the records of the runs'
  const kinds = new Set(files.map((file) => (/\.csv$/i.test(file) ? 'CSV' : 'TensorBoard')))
  const logs = `${[...kinds].join(' and ')} curves beside the checkpoints`
  const hasRecords = checkpoints.some(({ steps, epochs }) => steps.length + epochs.length > 0)
  return hasRecords ? `Read from the records of the runs, and ${logs}` : `Read from ${logs}`
}
