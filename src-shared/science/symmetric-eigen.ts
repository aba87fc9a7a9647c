/** Eigenvalues, ascending, and orthonormal eigenvectors, n x n row-major: column k belongs to `values[k]`. */
export type Eigen = { values: Float64Array; vectors: Float64Array }

/**
 * A = V diag(values) V^T of a symmetric n x n matrix (row-major; not changed) by cyclic Jacobi rotations (Golub and Van
 * Loan, Matrix Computations, section 8.5), accurate in small eigenvalues too; O(n^3), meant for n up to a few hundred.
 * Each vector's largest component is positive. Throws RangeError unless `a` has n^2 finite entries.
 */
export function symmetricEigen(a: Float64Array, n: number): Eigen {
  if (a.length !== n * n) throw new RangeError(`${a.length} entries for a ${n} x ${n} matrix.`)
  if (!a.every(Number.isFinite)) throw new RangeError('Eigenvalues of a matrix with entries that are not finite.')
  const work = new Float64Array(n * n)
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) work[i * n + j] = (a[i * n + j]! + a[j * n + i]!) / 2
  const negligible = 1e-22 * work.reduce((largest, entry) => Math.max(largest, Math.abs(entry)), 0)
  // The rows of `basis` are the eigenvectors, so that rotations run along memory.
  const basis = new Float64Array(n * n)
  for (let i = 0; i < n; i++) basis[i * n + i] = 1
  const maxSweeps = 60
  for (let sweep = 0; sweep < maxSweeps; sweep++) if (sweepPairs(work, basis, n, negligible)) break
  return sortAscending(work, basis, n)
}

/** Rotates every pair that needs it once; true if none did. */
function sweepPairs(work: Float64Array, basis: Float64Array, n: number, negligible: number): boolean {
  let done = true
  for (let p = 0; p < n - 1; p++) {
    for (let q = p + 1; q < n; q++) {
      const entry = Math.abs(work[p * n + q]!)
      const scale = Math.sqrt(Math.abs(work[p * n + p]!)) * Math.sqrt(Math.abs(work[q * n + q]!))
      if (entry <= negligible || entry <= 1e-17 * scale) continue
      rotate(work, basis, n, p, q)
      done = false
    }
  }
  return done
}

/** One Jacobi rotation, which makes entry (p, q) zero. */
function rotate(work: Float64Array, basis: Float64Array, n: number, p: number, q: number): void {
  const entry = work[p * n + q]!
  const diagonalP = work[p * n + p]!
  const diagonalQ = work[q * n + q]!
  const theta = (diagonalQ - diagonalP) / (2 * entry)
  const t = theta === 0 ? 1 : Math.sign(theta) / (Math.abs(theta) + Math.hypot(theta, 1))
  const c = 1 / Math.sqrt(t * t + 1)
  const s = t * c
  turn(work, p * n, q * n, n, c, s)
  for (let r = 0; r < n; r++) {
    work[r * n + p] = work[p * n + r]!
    work[r * n + q] = work[q * n + r]!
  }
  work[p * n + p] = diagonalP - t * entry
  work[q * n + q] = diagonalQ + t * entry
  work[p * n + q] = 0
  work[q * n + p] = 0
  turn(basis, p * n, q * n, n, c, s)
}

/** Rows at p and q to c p - s q and s p + c q. */
function turn(data: Float64Array, p: number, q: number, n: number, c: number, s: number): void {
  for (let r = 0; r < n; r++) {
    const x = data[p + r]!
    const y = data[q + r]!
    data[p + r] = c * x - s * y
    data[q + r] = s * x + c * y
  }
}

function sortAscending(work: Float64Array, basis: Float64Array, n: number): Eigen {
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => work[i * n + i]! - work[j * n + j]!)
  const values = new Float64Array(n)
  const vectors = new Float64Array(n * n)
  order.forEach((from, k) => {
    values[k] = work[from * n + from]!
    const row = basis.subarray(from * n, (from + 1) * n)
    const sign = largestSign(row)
    for (let i = 0; i < n; i++) vectors[i * n + k] = sign * row[i]!
  })
  return { values, vectors }
}

/** 1 or -1: the sign of the component of largest magnitude; of (nearly) equal ones the first decides, so that rounding does not. */
export function largestSign(vector: Float64Array): 1 | -1 {
  let largest = 0
  for (const value of vector) if (Math.abs(value) > Math.abs(largest) * (1 + 1e-6)) largest = value
  return largest < 0 ? -1 : 1
}
