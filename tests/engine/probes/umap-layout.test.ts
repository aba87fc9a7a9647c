import { expect, test, vi } from 'vitest'
import { neighborGraph } from '../../../src-main/engine/probes/umap/graph.ts'
import { layOut } from '../../../src-main/engine/probes/umap/layout.ts'
import { nearestNeighbors } from '../../../src-shared/science/neighbors.ts'
import { createRandom } from '../../../src-shared/science/random.ts'
import { clusters } from '../../science/fixtures.ts'
import { finish, umapJs } from './umap-js.ts'

// The loop is chaotic: only the same powers to the last bit lead to the same map.
vi.mock('../../../src-main/engine/probes/umap/coefficient.ts', () => ({ createCoefficient: (of: unknown) => of }))

test.each([2, 3])(
  'with the same random numbers and exact powers a layout in %d dimensions is that of umap-js',
  (dims) => {
    const { features } = clusters(300, 6, 4, 2, 1)
    const near = nearestNeighbors(features, 14)
    const epochs = 50
    const { umap, inside } = umapJs(features, near, dims, epochs, createRandom(5).uniform)
    for (let epoch = 0; epoch < epochs; epoch++) umap.step()
    const { a, b } = inside.optimizationState
    const options = { points: 300, dims, epochs, curve: { a, b }, uniform: createRandom(5).uniform }
    expect([...finish(layOut(neighborGraph(near, 300), options))]).toEqual(umap.getEmbedding().flat())
  }
)
