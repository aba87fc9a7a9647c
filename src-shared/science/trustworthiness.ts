import type { Matrix } from './matrix.ts'
import { eachRowOfDistances, nearestNeighbors } from './neighbors.ts'

/**
 * Trustworthiness of a map, 0..1: 1 - 2/(N k (2N - 3k - 1)) times the sum over points i and their k neighbours j on the
 * map of max(0, r(i, j) - k), r the rank of j among i's neighbours in feature space (Venna and Kaski 2001, equation 1;
 * the formula holds for k < N/2). Equally near points rank by index. k is lowered to the largest below N/2 where it is
 * not; NaN below three points; throws RangeError for unequal numbers of points.
 */
export function trustworthiness(features: Matrix, map: Matrix, k = 15): number {
  const { points, neighbors } = trustworthinessSize(features, map, k)
  if (points < 3) return NaN
  const { indices } = nearestNeighbors(map, neighbors)
  let excess = 0
  eachRowOfDistances(features, (i, squared) => {
    for (let r = 0; r < neighbors; r++) {
      const j = indices[i * neighbors + r]!
      excess += Math.max(0, rankOf(i, j, squared) - neighbors)
    }
  })
  return trustworthinessOf(excess, points, neighbors)
}

/** N and the k that is taken of what is asked for; throws RangeError for unequal numbers of points. */
export function trustworthinessSize(features: Matrix, map: Matrix, k: number): { points: number; neighbors: number } {
  const points = features.rows
  if (map.rows !== points) throw new RangeError(`A map of ${map.rows} points for ${points} features.`)
  return { points, neighbors: Math.max(1, Math.min(k, Math.ceil(points / 2) - 1)) }
}

/** The value that belongs to a sum of max(0, r(i, j) - k). */
export const trustworthinessOf = (excess: number, n: number, k: number): number =>
  1 - (2 * excess) / (n * k * (2 * n - 3 * k - 1))

/** 1-based rank of j among the neighbours of i. */
function rankOf(i: number, j: number, squared: Float64Array): number {
  const distance = squared[j]!
  let rank = 1
  for (let l = 0; l < squared.length; l++) {
    const other = squared[l]!
    if (other < distance || (other === distance && l < j)) rank++
  }
  // i itself, at distance 0, was counted too, save where j is just as near and comes first.
  return distance > 0 || i < j ? rank - 1 : rank
}
