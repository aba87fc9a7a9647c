import { createCoefficient } from './coefficient.ts'
import type { Curve } from './curve.ts'
import type { Graph } from './graph.ts'

/** What a layout is made of; `uniform` gives random numbers in [0, 1). */
export type LayoutOptions = { points: number; dims: number; epochs: number; curve: Curve; uniform: () => number }

const negativeSamples = 5
/** Furthest that one coordinate moves in one step at the full learning rate. */
const clip = 4

/**
 * Lays a graph out by stochastic gradient descent (McInnes et al. 2018, algorithm 5), from a random start in a cube of
 * side 20: the loop of umap-js over typed arrays, with the same random numbers in the same order, the gradients' powers
 * read from a table. Yields the number of epochs done; returns the coordinates, points x dims.
 */
export function* layOut(
  graph: Graph,
  { points, dims, epochs, curve, uniform }: LayoutOptions
): Generator<number, Float64Array<ArrayBuffer>> {
  const map = Float64Array.from({ length: points * dims }, () => uniform() * 20 - 10)
  const edges = sampledEdges(graph, epochs)
  const { from, to, period } = edges
  const next = period.slice()
  const negativePeriod = period.map((each) => each / negativeSamples)
  const nextNegative = negativePeriod.slice()
  const { a, b } = curve
  const attraction = createCoefficient((squared) => (-2 * a * b * squared ** (b - 1)) / (1 + a * squared ** b))
  const repulsion = createCoefficient((squared) => (2 * b) / ((0.001 + squared) * (1 + a * squared ** b)))

  function step(epoch: number, rate: number): void {
    for (let edge = 0; edge < from.length; edge++) {
      if (next[edge]! > epoch) continue
      const tail = from[edge]! * dims
      const head = to[edge]! * dims
      attract(head, tail, rate)
      next[edge]! += period[edge]!
      const count = Math.floor((epoch - nextNegative[edge]!) / negativePeriod[edge]!)
      for (let sample = 0; sample < count; sample++) repel(head, Math.floor(uniform() * points) * dims, rate)
      nextNegative[edge]! += count * negativePeriod[edge]!
    }
  }

  function squaredDistance(i: number, j: number): number {
    let sum = 0
    for (let d = 0; d < dims; d++) {
      const difference = map[i + d]! - map[j + d]!
      sum += difference * difference
    }
    return sum
  }

  function attract(head: number, tail: number, rate: number): void {
    const squared = squaredDistance(head, tail)
    if (!(squared > 0)) return
    const coefficient = attraction(squared)
    for (let d = 0; d < dims; d++) {
      const move = rate * clipped(coefficient * (map[head + d]! - map[tail + d]!))
      map[head + d]! += move
      map[tail + d]! -= move
    }
  }

  function repel(head: number, other: number, rate: number): void {
    const squared = squaredDistance(head, other)
    if (squared > 0) {
      const coefficient = repulsion(squared)
      for (let d = 0; d < dims; d++) map[head + d]! += rate * clipped(coefficient * (map[head + d]! - map[other + d]!))
    } else if (head !== other) for (let d = 0; d < dims; d++) map[head + d]! += rate * clip
  }

  let rate = 1
  for (let epoch = 0; epoch < epochs; epoch++) {
    step(epoch, rate)
    rate = 1 - epoch / epochs
    yield epoch + 1
  }
  return map
}

const clipped = (value: number): number => (value > clip ? clip : value < -clip ? -clip : value)

/** The edges that are sampled at all, and the epochs from one sample to the next: the heaviest edge is in every epoch. */
function sampledEdges({ from, to, weights }: Graph, epochs: number) {
  let heaviest = 0
  for (const weight of weights) heaviest = Math.max(heaviest, weight)
  const kept = Int32Array.from(weights.keys()).filter((edge) => weights[edge]! >= heaviest / epochs)
  return {
    from: kept.map((edge) => from[edge]!),
    to: kept.map((edge) => to[edge]!),
    period: Float64Array.from(kept, (edge) => epochs / ((weights[edge]! / heaviest) * epochs))
  }
}
