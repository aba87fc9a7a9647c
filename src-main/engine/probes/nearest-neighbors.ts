import { throwIfCancelled } from '../../../src-shared/errors.ts'
import type { Matrix } from '../../../src-shared/science/matrix.ts'
import { nearestNeighbors, type Neighbors } from '../../../src-shared/science/neighbors.ts'
import type { Backend } from '../backend/backend.ts'
import { eachBlockOfProducts, squaredDistance, type BlockOptions } from './row-products.ts'

/**
 * The same as `nearestNeighbors` of src-shared/science, up to the order of rows that are equally near in float64, by
 * matrix multiplication: O(N^2 d) on the backend. The products, in float32, only say which rows may be among the nearest;
 * these are compared in float64. Throws RangeError unless k is a whole number in 1 .. N - 1, CancelledError when aborted.
 */
export async function findNearestNeighbors(
  backend: Backend,
  features: Matrix,
  k: number,
  options: BlockOptions = {}
): Promise<Neighbors> {
  throwIfCancelled(options.signal)
  // Our loop in plain JavaScript is four times as fast as tfjs's, though it can't be followed or cancelled.
  if (backend.name === 'cpu') return nearestNeighbors(features, k)
  const n = features.rows
  if (!(Number.isInteger(k) && k >= 1 && k < n)) throw new RangeError(`${k} neighbours among ${n} points.`)
  const indices = new Int32Array(n * k)
  const distances = new Float32Array(n * k)
  const best = new Nearest(k)
  await eachBlockOfProducts(
    backend,
    features,
    ({ from, to, products, norms, share }) => {
      for (let i = from; i < to; i++) {
        const row = products.subarray((i - from) * n, (i - from + 1) * n)
        // Any k rows, here those with the least products, tell how far the k nearest can be at most.
        collect(best, i, row, norms, 1, Infinity)
        let farthest = 0
        for (const j of best.rows) farthest = Math.max(farthest, squaredDistance(features, i, j))
        collect(best, i, row, norms, 1 - share, farthest, features)
        indices.set(best.rows, i * k)
        for (let r = 0; r < k; r++) distances[i * k + r] = Math.sqrt(best.near[r]!)
      }
    },
    options
  )
  return { indices, distances }
}

/**
 * The k rows other than i with the least `scale` (||x||^2 + ||y||^2) - 2 x y or, where `features` are given, with the
 * least exact distance of those where that is at most `limit`.
 */
function collect(
  best: Nearest,
  i: number,
  row: Float32Array,
  norms: Float64Array,
  scale: number,
  limit: number,
  features?: Matrix
): void {
  best.clear()
  const own = scale * norms[i]!
  for (let j = 0; j < row.length; j++) {
    const least = own + scale * norms[j]! - 2 * row[j]!
    if (least > limit || j === i) continue
    const distance = features ? squaredDistance(features, i, j) : least
    if (distance >= best.farthest) continue
    best.add(j, distance)
    if (best.farthest < limit) limit = best.farthest
    // Nothing is nearer than k copies of a row.
    if (best.farthest === 0 && features) break
  }
}

/** The k nearest rows that were added, nearest first, of equally near ones the first added. */
export class Nearest {
  readonly rows: Int32Array
  readonly near: Float64Array
  /** Of the last of k rows; infinite while there are fewer. */
  farthest = Infinity
  private count = 0

  constructor(private readonly k: number) {
    this.rows = new Int32Array(k)
    this.near = new Float64Array(k)
  }

  clear(): void {
    this.count = 0
    this.farthest = Infinity
  }

  /** Adds a row that is nearer than `farthest`. */
  add(row: number, distance: number): void {
    if (this.count < this.k) this.count++
    let place = this.count - 1
    for (; place > 0 && this.near[place - 1]! > distance; place--) {
      this.near[place] = this.near[place - 1]!
      this.rows[place] = this.rows[place - 1]!
    }
    this.near[place] = distance
    this.rows[place] = row
    if (this.count === this.k) this.farthest = this.near[this.k - 1]!
  }
}
