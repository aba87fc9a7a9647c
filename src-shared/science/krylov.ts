import { dot } from './gradient-magnitude.ts'
import { zeros, type Matrix } from './matrix.ts'
import { createRandom } from './random.ts'
import { symmetricEigen } from './symmetric-eigen.ts'

const tolerance = 1e-7
const largestBasis = 96
const maxCycles = 20

/** Leading eigenpairs within a subspace, largest first; `residual` of the worst wanted one, relative to the largest eigenvalue. */
type Ritz = { vectors: Float64Array[]; values: number[]; residual: number }

/**
 * The `count` leading eigenvectors of X^T X as orthonormal rows (count x d), largest eigenvalue first, zeros beyond the
 * rank: block Krylov spaces with Rayleigh-Ritz (Golub and Underwood 1977), begun again from the best vectors when full.
 * The start is seeded. Ends when every residual is below 1e-7 of the largest eigenvalue, or after 20 rounds.
 */
export function leadingEigenvectors(x: Matrix, count: number, seed: number): Matrix {
  const d = x.columns
  const width = 4 * Math.ceil((count + 1) / 4)
  const limit = Math.min(d, Math.max(largestBasis, 4 * width))
  const random = createRandom('leading-eigenvectors', seed)
  let start: Float64Array[] = Array.from({ length: width }, () =>
    Float64Array.from({ length: d }, () => random.normal())
  )
  let best: Ritz = { vectors: [], values: [], residual: Infinity }
  for (let cycle = 0; cycle < maxCycles; cycle++) {
    best = growSpace(x, start, limit, count)
    if (best.residual <= tolerance) break
    start = best.vectors
  }
  const out = zeros(count, d)
  best.vectors.slice(0, count).forEach((vector, k) => {
    if (best.values[k]! > 1e-12 * best.values[0]!) out.data.set(vector, k * d)
  })
  return out
}

/** Adds blocks A b, A^2 b, ... until the wanted pairs have converged, the basis is full or nothing new appears (then all is exact). */
function growSpace(x: Matrix, start: Float64Array[], limit: number, count: number): Ritz {
  const basis: Float64Array[] = []
  const images: Float64Array[] = []
  let block = start
  for (;;) {
    const added = extendBasis(basis, block, limit)
    block = added.map(() => new Float64Array(x.columns))
    for (let i = 0; i < added.length; i += 4) applyGram(x, added.slice(i, i + 4), block.slice(i, i + 4))
    images.push(...block)
    const best = rayleighRitz(basis, images, start.length, count)
    if (added.length === 0) return { ...best, residual: 0 }
    if (best.residual <= tolerance || basis.length >= limit) return best
  }
}

/** Appends to `basis` what is new in `block`, made orthonormal by Gram-Schmidt done twice; returns what was appended. */
function extendBasis(basis: Float64Array[], block: readonly Float64Array[], limit: number): Float64Array[] {
  const from = basis.length
  for (const source of block) {
    if (basis.length >= limit) break
    const vector = source.slice()
    const before = Math.sqrt(dot(vector, vector))
    for (let pass = 0; pass < 2; pass++) for (const other of basis) addScaled(vector, -dot(vector, other), other)
    const after = Math.sqrt(dot(vector, vector))
    if (!(after > 1e-11 * before)) continue
    for (let k = 0; k < vector.length; k++) vector[k] = vector[k]! / after
    // What rounding left of a vector that was almost in the span is made orthogonal at full length.
    for (const other of basis) addScaled(vector, -dot(vector, other), other)
    basis.push(vector)
  }
  return basis.slice(from)
}

function addScaled(vector: Float64Array, scale: number, other: Float64Array): void {
  for (let k = 0; k < vector.length; k++) vector[k] = vector[k]! + scale * other[k]!
}

/** X^T X times up to four vectors at once, into `out`. */
function applyGram(x: Matrix, vectors: readonly Float64Array[], out: readonly Float64Array[]): void {
  const { data, rows, columns: d } = x
  const unused = new Float64Array(d)
  const [a, b = unused, c = unused, e = unused] = vectors as [Float64Array, ...Float64Array[]]
  const [ya, yb = unused, yc = unused, ye = unused] = out as [Float64Array, ...Float64Array[]]
  for (let i = 0; i < rows; i++) {
    const at = i * d
    let ua = 0
    let ub = 0
    let uc = 0
    let ue = 0
    for (let k = 0; k < d; k++) {
      const value = data[at + k]!
      ua += value * a[k]!
      ub += value * b[k]!
      uc += value * c[k]!
      ue += value * e[k]!
    }
    for (let k = 0; k < d; k++) {
      const value = data[at + k]!
      ya[k] = ya[k]! + value * ua
      yb[k] = yb[k]! + value * ub
      yc[k] = yc[k]! + value * uc
      ye[k] = ye[k]! + value * ue
    }
  }
}

function rayleighRitz(
  basis: readonly Float64Array[],
  images: readonly Float64Array[],
  keep: number,
  count: number
): Ritz {
  const m = basis.length
  const projected = new Float64Array(m * m)
  for (let i = 0; i < m; i++) {
    for (let j = 0; j <= i; j++) {
      projected[i * m + j] = dot(basis[i]!, images[j]!)
      projected[j * m + i] = projected[i * m + j]!
    }
  }
  const eigen = symmetricEigen(projected, m)
  const largest = eigen.values[m - 1] ?? 0
  const vectors: Float64Array[] = []
  const values: number[] = []
  let residual = 0
  for (let r = 0; r < Math.min(keep, m); r++) {
    const column = m - 1 - r
    const value = eigen.values[column]!
    const vector = new Float64Array(basis[0]!.length)
    const error = new Float64Array(vector.length)
    for (let j = 0; j < m; j++) {
      const weight = eigen.vectors[j * m + column]!
      addScaled(vector, weight, basis[j]!)
      addScaled(error, weight, images[j]!)
    }
    addScaled(error, -value, vector)
    if (r < count && largest > 0) residual = Math.max(residual, Math.sqrt(dot(error, error)) / largest)
    vectors.push(vector)
    values.push(value)
  }
  return { vectors, values, residual }
}
