/** Mean absolute value; NaN for an empty list. */
export function meanAbs(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += Math.abs(values[i]!)
  return sum / values.length
}

/** L2 norm, summed in float64; 0 for an empty list. */
export function norm(values: ArrayLike<number>): number {
  return Math.sqrt(dot(values, values))
}

/** Inner product, summed in float64; throws RangeError for unequal lengths. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new RangeError(`An inner product of ${a.length} and ${b.length} values.`)
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

/** Signed share <g_t, g>/||g||^2 of each term's gradient in the total's; they sum to 1 where the terms sum to the total, and are NaN where the total is zero; throws RangeError for unequal lengths. */
export function signedShares(terms: readonly Float32Array[], total: Float32Array): number[] {
  const squared = dot(total, total)
  return terms.map((term) => dot(term, total) / squared)
}

/** Every value over `reference`, for instance over the magnitude of the backbone's last convolution; NaN or infinite where that is zero. */
export function relativeTo(values: ArrayLike<number>, reference: number): number[] {
  return Array.from(values, (value) => value / reference)
}
