import type { Matrix } from './matrix.ts'
import { eachRowOfDistances, nearestNeighbors } from './neighbors.ts'

/**
 * Trustworthiness of a map, 0..1: 1 - 2/(N k (2N - 3k - 1)) times the sum over points i and their k neighbours j on the
 * map of max(0, r(i, j) - k), r the rank of j among i's neighbours in feature space (Venna and Kaski 2001, equation 1;
 * the formula holds for k < N/2). Equally near points rank by index. k is lowered to the largest below N/2 where it is
 * not; NaN below three points; throws RangeError for unequal numbers of points.
 */
export function trustworthiness(features: Matrix, map: Matrix, k = 15): number {
  const n = features.rows
  if (map.rows !== n) throw new RangeError(`A map of ${map.rows} points for ${n} features.`)
  if (n < 3) return NaN
  const neighbors = Math.max(1, Math.min(k, Math.ceil(n / 2) - 1))
  const { indices } = nearestNeighbors(map, neighbors)
  let penalty = 0
  eachRowOfDistances(features, (i, squared) => {
    for (let r = 0; r < neighbors; r++) {
      const j = indices[i * neighbors + r]!
      penalty += Math.max(0, rankOf(i, j, squared) - neighbors)
    }
  })
  return 1 - (2 * penalty) / (n * neighbors * (2 * n - 3 * neighbors - 1))
}

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
