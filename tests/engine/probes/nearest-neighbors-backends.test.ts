import { expect, test } from 'vitest'
import { tryBackend } from '../../../src-main/engine/backend/choose.ts'
import { measureTrustworthiness } from '../../../src-main/engine/probes/map-trust.ts'
import { findNearestNeighbors } from '../../../src-main/engine/probes/nearest-neighbors.ts'
import { nearestNeighbors } from '../../../src-shared/science/neighbors.ts'
import { trustworthiness } from '../../../src-shared/science/trustworthiness.ts'
import { clusters } from '../../science/fixtures.ts'

// One after the other: each becomes the backend of this process.
test.each(['cpu', 'wasm', 'webgpu'] as const)('%s finds the exact neighbours and frees its tensors', async (name) => {
  const backend = await tryBackend(name, true)
  if ('refusal' in backend) {
    expect(name).toBe('webgpu')
    return
  }
  const { features } = clusters(600, 24, 3, 2, 1)
  const map = clusters(600, 2, 3, 2, 1).features
  const before = backend.tensorCount()
  const found = await findNearestNeighbors(backend, features, 14)
  expect(found.indices).toEqual(nearestNeighbors(features, 14).indices)
  const trust = await measureTrustworthiness(backend, features, map)
  expect(trust).toBeCloseTo(trustworthiness(features, map), 10)
  expect(backend.tensorCount()).toBe(before)
})
