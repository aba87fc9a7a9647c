import type { Provenance } from '../../src-shared/reports.ts'
import { formatCount } from './numbers.ts'
import { cleanText } from './text-width.ts'

type Measured = { data?: Provenance['data'] | undefined }

/**
 * What was measured, for the line below a figure; empty where the report doesn't say. `checkpoints` are the report's: some
 * may bring images of their own.
 */
export function describeData({ data }: Pick<Provenance, 'data'>, checkpoints: readonly Measured[] = []): string {
  if (data === null) return ''
  const each = data.split.includes(' and ') ? ' each' : ''
  const own = checkpoints.flatMap((entry) => (entry.data && entry.data.hash !== data.hash ? [entry.data] : []))
  return joinSentences(
    `Data: ${data.name}${data.split ? `, ${data.split}` : ''}, ${formatCount(data.count)} images${each}.`,
    ...own.map(({ name, count }) => `${cleanText(name)} is of ${formatCount(count)} images of its own.`)
  )
}

/** Sentence on what curves and bands are, where seeds have been merged; empty where they haven't. */
export function describeSeeds(groups: readonly { members: readonly unknown[] }[], bands = true): string {
  if (groups.every(({ members }) => members.length < 2)) return ''
  return `Several seeds: the mean${bands ? ', and a band from the lowest to the highest seed' : ''}.`
}

/** Most subjects that get a band each: more would hide the curves. */
export const mostBands = 5

/** Sentences as one paragraph. */
export const joinSentences = (...sentences: string[]): string => sentences.filter((text) => text !== '').join(' ')
