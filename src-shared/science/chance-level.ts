/** So many standard errors are taken for luck. */
const standardErrors = 3

/**
 * The accuracy (0..1) up to which nothing tells `count` answers from guesses among `classes` equally frequent classes: 1/C
 * and three standard errors of a binomial share, sqrt(p (1 - p) / n).
 */
export function chanceLimit(classes: number, count: number): number {
  const share = 1 / classes
  return share + standardErrors * Math.sqrt((share * (1 - share)) / count)
}

/** Whether an accuracy (0..1) is no better than guessing, as far as `count` images can tell. */
export const isNearChance = (accuracy: number, classes: number, count: number): boolean =>
  accuracy <= chanceLimit(classes, count)
