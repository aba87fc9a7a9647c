import type { Provenance } from '../../src-shared/reports.ts'
import { formatCount } from './numbers.ts'

/** What was measured, for the line below a figure; empty where the report doesn't say. */
export function describeData({ data }: Pick<Provenance, 'data'>): string {
  if (data === null) return ''
  const each = data.split.includes(' and ') ? ' each' : ''
  return `Data: ${data.name}${data.split ? `, ${data.split}` : ''}, ${formatCount(data.count)} images${each}.`
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
