import { UMAP } from 'umap-js'
import { rowOf, type Matrix } from '../../../src-shared/science/matrix.ts'
import type { Neighbors } from '../../../src-shared/science/neighbors.ts'

/** What umap-js keeps to itself. */
type Inside = {
  graph: { getAll(): { row: number; col: number; value: number }[] }
  optimizationState: { a: number; b: number }
}

/** umap-js from our neighbours, k - 1 others each, before its first epoch. */
export function umapJs(features: Matrix, near: Neighbors, dims: number, epochs: number, uniform: () => number) {
  const k = near.indices.length / features.rows + 1
  const umap = new UMAP({ nNeighbors: k, nComponents: dims, nEpochs: epochs, random: uniform })
  const withSelf = (values: ArrayLike<number>, own: (row: number) => number) =>
    Array.from({ length: features.rows }, (_, row) => [
      own(row),
      ...Array.from({ length: k - 1 }, (_, r) => values[row * (k - 1) + r]!)
    ])
  umap.setPrecomputedKNN(
    withSelf(near.indices, (row) => row),
    withSelf(near.distances, () => 0)
  )
  umap.initializeFit(Array.from({ length: features.rows }, (_, row) => Array.from(rowOf(features, row))))
  return { umap, inside: umap as unknown as Inside }
}

/** What a generator returns. */
export function finish<T>(steps: Generator<number, T>): T {
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}
