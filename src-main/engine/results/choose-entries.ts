import { groupBy } from '../../../src-shared/group-by.ts'
import type { ReportHead } from './report-head.ts'

/** An entry of a stored report. */
export type Picked<H> = { head: H; index: number }
/** For every checkpoint asked for the entry that answers; null where there is none. */
export type Choice<H> = { key: string; picks: (Picked<H> | null)[] }

/**
 * Which stored entries answer for checkpoints with these hashes (null: unreadable): those of the settings `wanted`, if
 * there are any; else of the settings and data that most of them, then the newest, were measured with. Null where there
 * is nothing at all.
 *
 * What a file of outputs gave is of its own images, so it answers beside entries of any data. Each is the newest of its kind, but gradients of different losses are never put beside one another, and one report
 * that covers all is better than a newer mixture: compared checkpoints share one loss.
 */
export function chooseEntries<H extends ReportHead>(
  heads: readonly H[],
  hashes: readonly (string | null)[],
  wanted: string | null
): Choice<H> | null {
  // Data that has changed since is other data, though its name be the same.
  const sorted = heads.toSorted(newestFirst)
  const groups = groupBy(sorted, ({ key, dataHash }) => `${dataHash} ${key}`)
  const choices = [...groups.values()]
    .map((group) => {
      const { key, dataHash } = group[0]!
      const others = sorted.filter((head) => head.key === key && head.dataHash !== dataHash)
      const own = pickWithin(group, hashes)
      const given = pickNewest(others, hashes, ({ isGiven }) => isGiven === true)
      return { key, picks: own.map((pick, position) => pick ?? given[position] ?? null) }
    })
    .filter(({ picks }) => coverage(picks) > 0)
  const asWanted = choices.filter(({ key }) => key === wanted)
  return best(asWanted.length ? asWanted : choices, ({ picks }) => picks)
}

function pickWithin<H extends ReportHead>(heads: H[], hashes: readonly (string | null)[]): (Picked<H> | null)[] {
  if (heads[0]?.kind !== 'gradients') return pickNewest(heads, hashes, () => true)
  const alone = heads.map((head) => pickNewest([head], hashes, () => true))
  const methods = new Set(heads.flatMap(({ entries }) => entries.map(({ method }) => method)))
  const together = [...methods].map((wanted) =>
    pickNewest(heads, hashes, ({ method, hasOneExit }) => hasOneExit || method === wanted)
  )
  const oneReport = best(alone, (picks) => picks)!
  const mixture = best(together, (picks) => picks)!
  return coverage(mixture) > coverage(oneReport) ? mixture : oneReport
}

type Entry = ReportHead['entries'][number]

function pickNewest<H extends ReportHead>(
  heads: H[],
  hashes: readonly (string | null)[],
  fits: (entry: Entry) => boolean
): (Picked<H> | null)[] {
  return hashes.map((hash) => {
    for (const head of heads) {
      const index = head.entries.findIndex((entry) => entry.hash === hash && fits(entry))
      if (index >= 0) return { head, index }
    }
    return null
  })
}

/** The first of those that cover most, then are newest. */
function best<T, H extends ReportHead>(choices: T[], picksOf: (choice: T) => (Picked<H> | null)[]): T | null {
  let found: T | null = null
  for (const choice of choices) if (!found || isBetter(picksOf(choice), picksOf(found))) found = choice
  return found
}

function isBetter<H extends ReportHead>(a: (Picked<H> | null)[], b: (Picked<H> | null)[]): boolean {
  if (coverage(a) !== coverage(b)) return coverage(a) > coverage(b)
  return newest(a) > newest(b)
}

const coverage = (picks: (Picked<ReportHead> | null)[]): number => picks.filter((pick) => pick !== null).length

const newest = (picks: (Picked<ReportHead> | null)[]): string =>
  picks.reduce((latest, pick) => (pick && pick.head.createdAt > latest ? pick.head.createdAt : latest), '')

const newestFirst = (a: ReportHead, b: ReportHead): number =>
  a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : 0
