/** Arithmetic mean; NaN for an empty list or where any value is NaN. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return sum / values.length
}

/** Population variance sum (x - m)^2 / n, or with `unbiased` divided by n - 1; NaN where undefined (n = 0, or n = 1 unbiased) or any value is NaN. */
export function variance(values: ArrayLike<number>, unbiased = false): number {
  const n = values.length
  if (n === 0 || (unbiased && n === 1)) return NaN
  const center = mean(values)
  let sum = 0
  for (let i = 0; i < n; i++) sum += (values[i]! - center) ** 2
  return sum / (unbiased ? n - 1 : n)
}

/** The q-quantile, q in 0..1, by linear interpolation (Hyndman and Fan 1996, type 7; numpy's default); NaN for an empty list or where any value is NaN; throws RangeError for q outside 0..1. */
export function quantile(values: ArrayLike<number>, q: number): number {
  if (!(q >= 0 && q <= 1)) throw new RangeError(`A quantile needs 0 <= q <= 1, not ${q}.`)
  const sorted = Float64Array.from(values).sort()
  const last = sorted.length - 1
  if (last < 0 || Number.isNaN(sorted[last])) return NaN
  const position = q * last
  const below = Math.floor(position)
  const share = position - below
  const low = sorted[below]!
  return share === 0 ? low : low + share * (sorted[below + 1]! - low)
}

/** Mean and 10 to 90 % quantiles of the values; all NaN for an empty list or where any value is NaN. */
export function band(values: ArrayLike<number>): { mean: number; low: number; high: number } {
  return { mean: mean(values), low: quantile(values, 0.1), high: quantile(values, 0.9) }
}
