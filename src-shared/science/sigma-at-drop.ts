/** One point of a curve: accuracy 0..1 at a standard deviation of the weight noise. */
export type Measured = { sigma: number; accuracy: number }

/** The two neighbouring points between which accuracy first falls to the one at sigma 0 less `dropPoints`/100; null if it never does. */
export function bracketOfDrop(
  points: readonly Measured[],
  dropPoints: number
): { before: Measured; after: Measured; target: number } | null {
  const sorted = points
    .map(({ sigma, accuracy }) => ({ sigma, accuracy: Number.isNaN(accuracy) ? 0 : accuracy }))
    .sort((a, b) => a.sigma - b.sigma)
  const start = sorted[0]
  if (start === undefined || start.sigma !== 0)
    throw new RangeError('The accuracy at sigma 0 must be among the points.')
  if (!(dropPoints > 0)) throw new RangeError(`A drop of ${dropPoints} points; it must be above 0.`)
  const target = start.accuracy - dropPoints / 100
  // Decimal accuracies that reach the target exactly may miss it in their last bit.
  const crossed = sorted.findIndex(({ accuracy }) => accuracy <= target + 1e-9)
  return crossed < 1 ? null : { before: sorted[crossed - 1]!, after: sorted[crossed]!, target }
}

/**
 * Sigma at which accuracy (0..1) has first fallen by `dropPoints` percentage points, linear between the two points that
 * enclose it; NaN if it never does. Accuracy NaN counts as 0. Throws RangeError if sigma 0 is not among the points, for
 * unequal lengths, and for a drop that is not above 0.
 */
export function sigmaAtDrop(sigmas: ArrayLike<number>, accuracies: ArrayLike<number>, dropPoints: number): number {
  if (sigmas.length !== accuracies.length) {
    throw new RangeError(`${accuracies.length} accuracies for ${sigmas.length} sigmas.`)
  }
  const points = Array.from(sigmas, (sigma, i) => ({ sigma, accuracy: accuracies[i]! }))
  const bracket = bracketOfDrop(points, dropPoints)
  if (bracket === null) return NaN
  const { before, after, target } = bracket
  const share = Math.min(1, (before.accuracy - target) / (before.accuracy - after.accuracy))
  return before.sigma + share * (after.sigma - before.sigma)
}
