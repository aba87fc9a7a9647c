import { bracketOfDrop, type Measured } from './sigma-at-drop.ts'

const firstSigma = 0.01
const largestSigma = 8
const smallestSigma = 1e-6
const relativeWidth = 0.1

/** Falls in accuracy, in percentage points, that `--sigmas auto` looks for. */
export const soughtDrops: readonly number[] = [1, 5, 10, 50]

/**
 * The next sigma of `--sigmas auto`, or null when it is done: 0, then 0.01 doubled until the largest reachable drop (in
 * points) is passed or sigma is 8, then bisection of the widest bracket of a drop, until each is known within 10 % or
 * `cap` sigmas are measured. Accuracy is 0..1 and NaN counts as 0; the points may come in any order.
 */
export function nextSigma(
  measured: readonly Measured[],
  drops: readonly number[] = soughtDrops,
  cap = 24
): number | null {
  if (measured.length >= cap) return null
  const start = measured.find(({ sigma }) => sigma === 0)
  if (start === undefined) return 0
  const reachable = drops.filter((drop) => drop > 0 && start.accuracy - drop / 100 >= 0)
  const brackets = reachable.map((drop) => bracketOfDrop(measured, drop))
  const largest = measured.reduce((most, { sigma }) => Math.max(most, sigma), 0)
  if (brackets.includes(null) && largest < largestSigma) {
    return largest === 0 ? firstSigma : Math.min(largestSigma, 2 * largest)
  }
  let widest = relativeWidth
  let next: number | null = null
  for (const bracket of brackets) {
    if (bracket === null) continue
    const low = bracket.before.sigma
    const high = bracket.after.sigma
    const width = (high - low) / high
    if (width <= widest || high <= smallestSigma) continue
    widest = width
    next = low === 0 ? Math.max(smallestSigma, high / 4) : Math.sqrt(low * high)
  }
  return next
}
