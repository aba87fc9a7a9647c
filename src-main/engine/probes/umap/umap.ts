import type { Neighbors } from '../../../../src-shared/science/neighbors.ts'
import { createRandom } from '../../../../src-shared/science/random.ts'
import { fitCurve } from './curve.ts'
import { neighborGraph } from './graph.ts'
import { layOut } from './layout.ts'

/** A map to make: of `points` points with their nearest others (k >= 1 each, without themselves) in `dims` dimensions. */
export type UmapTask = { neighbors: Neighbors; points: number; dims: number; minDist: number; seed: number }

/** Share of the work before the first epoch. */
const graphShare = 0.05

/**
 * UMAP (McInnes et al. 2018) from neighbours that are known, deterministic by seed, with the settings of umap-js: a
 * random start, a learning rate of 1, 5 negative samples. Yields the share that is done, 0..1, at each epoch; returns
 * the coordinates, points x dims row-major.
 */
export function* mapByUmap({
  neighbors,
  points,
  dims,
  minDist,
  seed
}: UmapTask): Generator<number, Float64Array<ArrayBuffer>> {
  const epochs = epochsFor(points)
  const graph = neighborGraph(neighbors, points)
  yield graphShare
  const { uniform } = createRandom(seed, 'umap')
  const steps = layOut(graph, { points, dims, epochs, curve: fitCurve(minDist), uniform })
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
    yield graphShare + ((1 - graphShare) * value) / epochs
  }
}

/** As many as umap-js takes. */
export function epochsFor(points: number): number {
  if (points <= 2500) return 500
  if (points <= 5000) return 400
  return points <= 7500 ? 300 : 200
}
