import { zeros, type Matrix } from './matrix.ts'
import { eachRowOfDistances } from './neighbors.ts'
import { createRandom } from './random.ts'

/**
 * Mean silhouette coefficient, -1..1 (Rousseeuw 1987): the mean of (b - a)/max(a, b), a the mean distance to the own
 * class, b that to the nearest other one; 0 for the only one of its class. Exact up to `limit` rows, and on a seeded
 * draw of that many above; NaN with fewer than two classes.
 */
export function silhouette(features: Matrix, labels: ArrayLike<number>, limit = 2000, seed = 0): number {
  const chosen = draw(features.rows, limit, seed)
  const points = pick(features, chosen)
  const known = new Map<number, number>()
  const classOf = Int32Array.from(chosen, (i) => {
    const label = labels[i]!
    if (!known.has(label)) known.set(label, known.size)
    return known.get(label)!
  })
  const sizes = new Float64Array(known.size)
  for (const c of classOf) sizes[c] = sizes[c]! + 1
  if (sizes.length < 2) return NaN
  const sums = new Float64Array(sizes.length)
  let total = 0
  eachRowOfDistances(points, (i, squared) => {
    sums.fill(0)
    for (let j = 0; j < squared.length; j++) sums[classOf[j]!] = sums[classOf[j]!]! + Math.sqrt(squared[j]!)
    const own = classOf[i]!
    if (sizes[own] === 1) return
    const a = sums[own]! / (sizes[own]! - 1)
    let b = Infinity
    for (let c = 0; c < sizes.length; c++) if (c !== own) b = Math.min(b, sums[c]! / sizes[c]!)
    if (a !== b) total += (b - a) / Math.max(a, b)
  })
  return total / chosen.length
}

/** `limit` of the indices 0 .. n - 1, ascending, drawn without replacement; all where there are no more. */
function draw(n: number, limit: number, seed: number): Int32Array {
  const all = Int32Array.from({ length: n }, (_, i) => i)
  return n <= limit ? all : createRandom('silhouette', seed).shuffle(all).slice(0, limit).sort()
}

function pick(features: Matrix, chosen: Int32Array): Matrix {
  if (chosen.length === features.rows) return features
  const { columns } = features
  const out = zeros(chosen.length, columns)
  chosen.forEach((from, to) => out.data.set(features.data.subarray(from * columns, (from + 1) * columns), to * columns))
  return out
}
