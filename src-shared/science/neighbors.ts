import type { Matrix } from './matrix.ts'

const blockRows = 4

/**
 * Calls `visit` once per row, in order, with its N squared Euclidean distances (a buffer that is used again). Exact:
 * ||x||^2 + ||y||^2 - 2 x y in float64, the first row as origin; equal rows are at distance 0. O(N^2 d) time, O(N d) space.
 */
export function eachRowOfDistances(features: Matrix, visit: (row: number, squared: Float64Array) => void): void {
  const { rows: n, columns: d } = features
  const x = paddedFromFirst(features)
  const norms = new Float64Array(n + blockRows)
  for (let i = 0; i < n; i++) {
    let norm = 0
    for (let k = i * d, end = k + d; k < end; k++) norm += x[k]! * x[k]!
    norms[i] = norm
  }
  const buffers = Array.from({ length: blockRows }, () => new Float64Array(n + 1))
  const rows = buffers.map((buffer) => buffer.subarray(0, n))
  for (let i = 0; i < n; i += blockRows) {
    for (let j = 0; j < n; j += 2) distancesOfBlock(x, norms, d, i, j, buffers)
    for (let r = 0; r < blockRows && i + r < n; r++) visit(i + r, rows[r]!)
  }
}

/** Distances of rows i .. i + 3 to rows j and j + 1; eight sums at a time, so that every value loaded is used more than once. */
function distancesOfBlock(
  x: Float64Array,
  norms: Float64Array,
  d: number,
  i: number,
  j: number,
  [r0, r1, r2, r3]: readonly Float64Array[]
): void {
  let [s0, s1, s2, s3, t0, t1, t2, t3] = [0, 0, 0, 0, 0, 0, 0, 0]
  for (let k = j * d, end = k + d, a = i * d; k < end; k++, a++) {
    const y = x[k]!
    const z = x[k + d]!
    const b0 = x[a]!
    const b1 = x[a + d]!
    const b2 = x[a + 2 * d]!
    const b3 = x[a + 3 * d]!
    s0 += b0 * y
    s1 += b1 * y
    s2 += b2 * y
    s3 += b3 * y
    t0 += b0 * z
    t1 += b1 * z
    t2 += b2 * z
    t3 += b3 * z
  }
  const [n0, n1, n2, n3] = [norms[i]!, norms[i + 1]!, norms[i + 2]!, norms[i + 3]!]
  const [y, z] = [norms[j]!, norms[j + 1]!]
  r0![j] = Math.max(0, n0 + y - 2 * s0)
  r1![j] = Math.max(0, n1 + y - 2 * s1)
  r2![j] = Math.max(0, n2 + y - 2 * s2)
  r3![j] = Math.max(0, n3 + y - 2 * s3)
  r0![j + 1] = Math.max(0, n0 + z - 2 * t0)
  r1![j + 1] = Math.max(0, n1 + z - 2 * t1)
  r2![j + 1] = Math.max(0, n2 + z - 2 * t2)
  r3![j + 1] = Math.max(0, n3 + z - 2 * t3)
}

/** Float64 copy measured from the first row, so that a far origin costs no digits, with rows of zeros up to a full block. */
function paddedFromFirst({ data, rows, columns }: Matrix): Float64Array {
  const x = new Float64Array((rows + blockRows) * columns)
  for (let i = 0, at = 0; i < rows; i++) for (let k = 0; k < columns; k++, at++) x[at] = data[at]! - data[k]!
  return x
}

/** All squared Euclidean distances, N x N row-major: 8 N^2 bytes, so for a few thousand rows at most. */
export function pairwiseSquaredDistances(features: Matrix): Float64Array {
  const all = new Float64Array(features.rows ** 2)
  eachRowOfDistances(features, (i, squared) => all.set(squared, i * features.rows))
  return all
}

/** The k nearest other rows of each row, N x k row-major, nearest first: their indices and Euclidean distances. */
export type Neighbors = { indices: Int32Array; distances: Float32Array }

/** Exact k nearest neighbours of every row, itself excluded, of equally near ones the lower index first; throws RangeError unless k is a whole number in 1 .. N - 1. */
export function nearestNeighbors(features: Matrix, k: number): Neighbors {
  const n = features.rows
  if (!(Number.isInteger(k) && k >= 1 && k < n)) throw new RangeError(`${k} neighbours among ${n} points.`)
  const indices = new Int32Array(n * k)
  const distances = new Float32Array(n * k)
  const near = new Float64Array(k)
  const who = new Int32Array(k)
  eachRowOfDistances(features, (i, squared) => {
    near.fill(Infinity)
    who.fill(-1)
    for (let j = 0; j < n; j++) {
      const distance = squared[j]!
      if (j === i || (distance >= near[k - 1]! && who[k - 1]! >= 0)) continue
      let place = k - 1
      for (; place > 0 && (who[place - 1]! < 0 || near[place - 1]! > distance); place--) {
        near[place] = near[place - 1]!
        who[place] = who[place - 1]!
      }
      near[place] = distance
      who[place] = j
    }
    indices.set(who, i * k)
    for (let r = 0; r < k; r++) distances[i * k + r] = Math.sqrt(near[r]!)
  })
  return { indices, distances }
}

/**
 * Leave-one-out accuracy, 0..1, of a majority vote of the k nearest neighbours (Cover and Hart 1967); a tie goes to the
 * tied class with the nearest neighbour. k is lowered to N - 1 where it is larger; NaN below two rows.
 */
export function knnAccuracy(features: Matrix, labels: ArrayLike<number>, k = 10): number {
  const n = features.rows
  if (n < 2) return NaN
  const neighbors = Math.min(k, n - 1)
  const { indices } = nearestNeighbors(features, neighbors)
  const votes = new Map<number, number>()
  let right = 0
  for (let i = 0; i < n; i++) {
    votes.clear()
    for (let r = 0; r < neighbors; r++) {
      const label = labels[indices[i * neighbors + r]!]!
      votes.set(label, (votes.get(label) ?? 0) + 1)
    }
    // A Map keeps the order of arrival, so the first of the largest counts has the nearest neighbour.
    let winner = NaN
    let most = 0
    for (const [label, count] of votes) {
      if (count <= most) continue
      most = count
      winner = label
    }
    if (winner === labels[i]) right++
  }
  return right / n
}
