import type { Neighbors } from '../../../../src-shared/science/neighbors.ts'

/** The weighted graph of UMAP: every pair in both directions, ordered by `from`, then by `to`. */
export type Graph = {
  from: Int32Array
  to: Int32Array
  /** How surely the two are neighbours, 0..1. */
  weights: Float64Array
}

const iterations = 64
const tolerance = 1e-5
/** Least width of a point's neighbourhood, as a share of the mean distance to the neighbours. */
const leastWidth = 1e-3

/**
 * The fuzzy union, w + w' - w w', of what each point says of its nearest others (McInnes et al. 2018, algorithms 2 and
 * 3, with the point itself counted as one more neighbour, as umap-learn and umap-js do).
 */
export function neighborGraph({ indices, distances }: Neighbors, points: number): Graph {
  const k = indices.length / points
  const directed = membershipStrengths(distances, points, k)
  const backOf = (i: number, j: number): number => {
    for (let at = j * k, end = at + k; at < end; at++) if (indices[at] === i) return at
    return -1
  }
  const degrees = new Int32Array(points + 1)
  const eachPair = (visit: (i: number, j: number, weight: number) => void) => {
    for (let i = 0; i < points; i++) {
      for (let at = i * k; at < (i + 1) * k; at++) {
        const j = indices[at]!
        const back = backOf(i, j)
        const [w, other] = [directed[at]!, back < 0 ? 0 : directed[back]!]
        visit(i, j, w + other - w * other)
        // Where both name each other, j tells of i itself.
        if (back < 0) visit(j, i, w)
      }
    }
  }
  eachPair((i) => (degrees[i + 1]! += 1))
  for (let i = 0; i < points; i++) degrees[i + 1]! += degrees[i]!
  const unordered = placeByFirst(eachPair, degrees)
  // Symmetric: going through the pairs by their first point fills each row of the second in order.
  return placeByFirst((visit) => {
    for (let at = 0; at < unordered.from.length; at++)
      visit(unordered.to[at]!, unordered.from[at]!, unordered.weights[at]!)
  }, degrees)
}

type Pairs = (visit: (i: number, j: number, weight: number) => void) => void

/** Counting sort by the first point, whose pairs begin at `starts[i]`. */
function placeByFirst(eachPair: Pairs, starts: Int32Array): Graph {
  const count = starts.at(-1)!
  const next = starts.slice()
  const graph = { from: new Int32Array(count), to: new Int32Array(count), weights: new Float64Array(count) }
  eachPair((i, j, weight) => {
    const at = next[i]!++
    graph.from[at] = i
    graph.to[at] = j
    graph.weights[at] = weight
  })
  return graph
}

/** Of each point's nearest others: exp(-(d - nearest) / width), the width such that they sum to log2(k + 1). */
function membershipStrengths(distances: Float32Array, points: number, k: number): Float64Array {
  const strengths = new Float64Array(points * k)
  const mean = distances.reduce((sum, distance) => sum + distance, 0) / (points * (k + 1))
  for (let i = 0; i < points; i++) {
    const row = distances.subarray(i * k, (i + 1) * k)
    const nearest = row.find((distance) => distance > 0) ?? 0
    const ownMean = row.reduce((sum, distance) => sum + distance, 0) / (k + 1)
    const width = Math.max(widthOf(row, nearest), leastWidth * (nearest > 0 ? ownMean : mean))
    row.forEach((distance, r) => {
      strengths[i * k + r] = distance <= nearest ? 1 : Math.exp(-(distance - nearest) / width)
    })
  }
  return strengths
}

/** By bisection. */
function widthOf(row: Float32Array, nearest: number): number {
  const target = Math.log2(row.length + 1)
  let [low, high, width] = [0, Infinity, 1]
  for (let iteration = 0; iteration < iterations; iteration++) {
    let sum = 0
    for (const distance of row) sum += distance > nearest ? Math.exp(-(distance - nearest) / width) : 1
    if (Math.abs(sum - target) < tolerance) break
    if (sum > target) high = width
    else low = width
    width = high === Infinity ? 2 * width : (low + high) / 2
  }
  return width
}
