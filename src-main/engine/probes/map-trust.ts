import { throwIfCancelled } from '../../../src-shared/errors.ts'
import type { Matrix } from '../../../src-shared/science/matrix.ts'
import { trustworthiness, trustworthinessOf, trustworthinessSize } from '../../../src-shared/science/trustworthiness.ts'
import type { Backend } from '../backend/backend.ts'
import { findNearestNeighbors, Nearest } from './nearest-neighbors.ts'
import { eachBlockOfProducts, squaredDistance, type BlockOptions } from './row-products.ts'

/**
 * The same as `trustworthiness` of src-shared/science, up to the order of what is equally near in float64, by matrix
 * multiplication: the products, in float32, rank a row where its rank is sure, and float64 where it is not. Throws
 * CancelledError when aborted.
 */
export async function measureTrustworthiness(
  backend: Backend,
  features: Matrix,
  map: Matrix,
  { onFraction, signal }: BlockOptions = {},
  k = 15
): Promise<number> {
  const { points: n, neighbors } = trustworthinessSize(features, map, k)
  if (n < 3) return NaN
  throwIfCancelled(signal)
  // As in findNearestNeighbors.
  if (backend.name === 'cpu') return trustworthiness(features, map, k)
  const { indices } = await findNearestNeighbors(backend, map, neighbors, { signal })
  const ordered = new Nearest(neighbors)
  const before = new Int32Array(neighbors)
  let excess = 0
  await eachBlockOfProducts(
    backend,
    features,
    ({ from, to, products, norms, share }) => {
      for (let i = from; i < to; i++) {
        const row = products.subarray((i - from) * n, (i - from + 1) * n)
        // The neighbours on the map by their distance in feature space, equally near ones by index.
        ordered.clear()
        for (const j of indices.slice(i * neighbors, (i + 1) * neighbors).sort())
          ordered.add(j, squaredDistance(features, i, j))
        before.fill(0)
        for (let l = 0; l < n; l++) {
          const norm = norms[i]! + norms[l]!
          const distance = norm - 2 * row[l]!
          if (distance - share * norm > ordered.farthest || l === i) continue
          const place = placeIn(ordered, distance, l)
          const isSure = isBetween(ordered, place, distance, share * norm)
          const sure = isSure ? place : placeIn(ordered, squaredDistance(features, i, l), l)
          if (sure < neighbors) before[sure]! += 1
        }
        for (let r = 0, rank = 1; r < neighbors; r++) {
          rank += before[r]!
          excess += Math.max(0, rank - neighbors)
        }
      }
    },
    { signal, ...(onFraction ? { onFraction } : {}) }
  )
  return trustworthinessOf(excess, n, neighbors)
}

/** How many of the rows come before row l at this distance. */
function placeIn({ near, rows }: Nearest, distance: number, l: number): number {
  let [low, high] = [0, near.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (near[middle]! < distance || (near[middle]! === distance && rows[middle]! <= l)) low = middle + 1
    else high = middle
  }
  return low
}

const isBetween = ({ near }: Nearest, place: number, distance: number, error: number): boolean =>
  !(place > 0 && near[place - 1]! >= distance - error) && !(place < near.length && near[place]! <= distance + error)
