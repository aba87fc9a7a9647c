import { mean, variance } from './statistics.ts'

/** A difference over seeds and its 95 % interval; `low` and `high` are NaN with fewer than two seeds. */
export type Difference = { mean: number; low: number; high: number; count: number }

/** `holds` the interval lies on the claimed side; `fails` on the other; `unclear` it holds zero; `untestable` too few seeds. */
export type Verdict = 'holds' | 'fails' | 'unclear' | 'untestable'

/** 97.5 % quantiles of Student's t with 1, 2, ... degrees of freedom. */
const quantiles = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042
]

/**
 * Mean of b - a over the seeds that both have, with the interval of a paired t test (Student 1908): mean +- t s / sqrt(n).
 * Values that are not finite are left out; without a common seed the mean is NaN.
 */
export function pairedDifference(a: ReadonlyMap<number, number>, b: ReadonlyMap<number, number>): Difference {
  const differences = [...a].flatMap(([seed, value]) => {
    const difference = (b.get(seed) ?? NaN) - value
    return Number.isFinite(difference) ? [difference] : []
  })
  const count = differences.length
  const middle = mean(differences)
  const reach = (quantiles[count - 2] ?? 1.96) * Math.sqrt(variance(differences, true) / count)
  return { mean: middle, low: middle - reach, high: middle + reach, count }
}

/** What a difference says of the claim that b is higher than a (or lower). */
export function judgeDifference({ low, high }: Difference, claimed: 'higher' | 'lower'): Verdict {
  if (!Number.isFinite(low)) return 'untestable'
  const isHigher = low > 0
  const isLower = high < 0
  if (!isHigher && !isLower) return 'unclear'
  return isHigher === (claimed === 'higher') ? 'holds' : 'fails'
}
