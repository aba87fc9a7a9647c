import type { PreprocessingCheck } from '../../../src-shared/preprocessing.ts'
import { isNearChance } from '../../../src-shared/science/chance-level.ts'

/** What an alternative gave, and which images it got right. */
export type Outcome = PreprocessingCheck['alternatives'][number] & { isRight: boolean[] }

const percent = (fraction: number): string => `${Math.round(100 * fraction)} %`

/** For instance `47 % as set, 78 % with CIFAR-10 means.`; of outcomes in their order, best first. */
export function sentenceOf(ranked: readonly Outcome[]): string {
  const set = ranked.find(({ isSet }) => isSet)!
  const best = ranked[0]!
  const asSet = `${percent(set.accuracy)} as set`
  if (!isBetterThan(best, set)) return `${asSet}; none of ${ranked.length - 1} others is clearly better.`
  return `${asSet}, ${percent(best.accuracy)} with ${best.label}.`
}

/** Changed answers count as a difference from this many standard errors on. */
const standardErrors = 2

/**
 * Whether one of two is right more often than luck explains, on the same images: McNemar's test (1947), b - c more than
 * two of sqrt(b + c), where b images are right with the first only and c with the second only.
 */
export function isBetterThan(first: Pick<Outcome, 'isRight'>, second: Pick<Outcome, 'isRight'>): boolean {
  const gained = first.isRight.filter((isRight, index) => isRight && !second.isRight[index]).length
  const lost = second.isRight.filter((isRight, index) => isRight && !first.isRight[index]).length
  return gained - lost > standardErrors * Math.sqrt(gained + lost)
}

/** One sentence where even the best accuracy could be luck; otherwise empty. */
export function warningOf(best: number, classes: number, count: number): string {
  if (!isNearChance(best, classes, count)) return ''
  return `Even the best is near chance (${percent(best)}, guessing gives ${percent(1 / classes)}): its classes may be in another order, or the images others than it was trained on.`
}
