import { leadingEigenvectors } from './krylov.ts'
import { rowOf, zeros, type Matrix } from './matrix.ts'
import { largestSign, symmetricEigen } from './symmetric-eigen.ts'

/** Principal components of N points in d dimensions. */
export type PrincipalComponents = {
  /** N x count: the points less their mean, along the components. */
  points: Matrix
  /** Share of the variance in the components kept, 0..1; NaN where there is no variance. */
  explainedVariance: number
  /** count x d: orthonormal rows, largest variance first, the loading of largest magnitude positive; zeros beyond the rank. */
  components: Matrix
}

/** Up to this size the covariance or Gram matrix is decomposed whole. */
const smallSize = 128

/**
 * Principal component analysis (Pearson 1901), `count` components: of the covariance or the Gram matrix, whichever is
 * smaller, up to size 128, and above by block Krylov iteration from a start seeded with `seed`. Throws RangeError unless
 * `count` is a whole number in 1 .. d.
 */
export function principalComponents(features: Matrix, count: number, seed: number): PrincipalComponents {
  const { rows: n, columns: d } = features
  if (!(Number.isInteger(count) && count >= 1 && count <= d)) {
    throw new RangeError(`${count} components of ${d} dimensions.`)
  }
  const centered = centerColumns(features)
  const components =
    d <= n && d <= smallSize
      ? fromCovariance(centered, count)
      : n <= smallSize
        ? fromGram(centered, count)
        : leadingEigenvectors(centered, count, seed)
  for (let k = 0; k < count; k++) {
    const row = components.data.subarray(k * d, (k + 1) * d) as Float64Array
    if (largestSign(row) < 0) for (let j = 0; j < d; j++) row[j] = -row[j]!
  }
  const points = project(centered, components)
  let total = 0
  for (let i = 0; i < centered.data.length; i++) total += centered.data[i]! ** 2
  let kept = 0
  for (let i = 0; i < points.data.length; i++) kept += points.data[i]! ** 2
  return { points, explainedVariance: Math.min(1, kept / total), components }
}

/** The columns less their means, in the precision given. */
function centerColumns({ data, rows, columns }: Matrix): Matrix {
  const means = new Float64Array(columns)
  for (let i = 0, at = 0; i < rows; i++) for (let k = 0; k < columns; k++, at++) means[k] = means[k]! + data[at]!
  const out = data.slice()
  for (let k = 0; k < columns; k++) means[k] = means[k]! / rows
  for (let i = 0, at = 0; i < rows; i++) for (let k = 0; k < columns; k++, at++) out[at] = data[at]! - means[k]!
  return { data: out, rows, columns }
}

function fromCovariance(x: Matrix, count: number): Matrix {
  const d = x.columns
  const covariance = new Float64Array(d * d)
  for (let i = 0; i < x.rows; i++) {
    const row = rowOf(x, i)
    for (let j = 0; j < d; j++) {
      const value = row[j]!
      for (let k = j; k < d; k++) covariance[j * d + k] = covariance[j * d + k]! + value * row[k]!
    }
  }
  for (let j = 0; j < d; j++) for (let k = 0; k < j; k++) covariance[j * d + k] = covariance[k * d + j]!
  const { vectors } = symmetricEigen(covariance, d)
  const out = zeros(count, d)
  for (let c = 0; c < count; c++) for (let k = 0; k < d; k++) out.data[c * d + k] = vectors[k * d + d - 1 - c]!
  return out
}

function fromGram(x: Matrix, count: number): Matrix {
  const { rows: n, columns: d } = x
  const gram = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0
      for (let k = 0; k < d; k++) sum += x.data[i * d + k]! * x.data[j * d + k]!
      gram[i * n + j] = sum
      gram[j * n + i] = sum
    }
  }
  const { values, vectors } = symmetricEigen(gram, n)
  const out = zeros(count, d)
  for (let c = 0; c < Math.min(count, n); c++) {
    const column = n - 1 - c
    const value = values[column]!
    if (value <= 1e-12 * values[n - 1]!) break
    for (let i = 0; i < n; i++) {
      const weight = vectors[i * n + column]! / Math.sqrt(value)
      for (let k = 0; k < d; k++) out.data[c * d + k] = out.data[c * d + k]! + weight * x.data[i * d + k]!
    }
  }
  return out
}

function project(x: Matrix, components: Matrix): Matrix {
  const d = x.columns
  const out = zeros(x.rows, components.rows)
  for (let i = 0; i < x.rows; i++) {
    for (let c = 0; c < components.rows; c++) {
      let sum = 0
      for (let k = 0; k < d; k++) sum += x.data[i * d + k]! * components.data[c * d + k]!
      out.data[i * components.rows + c] = sum
    }
  }
  return out
}
