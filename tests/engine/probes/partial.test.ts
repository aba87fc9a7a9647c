import { beforeAll, expect, test } from 'vitest'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../src-main/engine/backend/choose.ts'
import { probeEmbedding } from '../../../src-main/engine/probes/embedding.ts'
import { probeFlatness } from '../../../src-main/engine/probes/flatness.ts'
import type { AnyReport, OnProgress } from '../../../src-shared/reports.ts'
import { goldenCase } from './cases.ts'

let backend: Backend
beforeAll(async () => {
  backend = await openBackend()
})

/** Collects what a probe says is finished on the way. */
function listen() {
  const partials: AnyReport[] = []
  const onProgress: OnProgress = ({ partial }) => {
    if (partial) partials.push(partial as AnyReport)
  }
  return { partials, onProgress }
}

test('of several checkpoints those that are finished are told, and are what the whole report has of them', async () => {
  const { weights, data } = goldenCase()
  const common = { checkpoints: ['a', 'b', 'c'].map((name) => ({ path: weights, name })), data, seed: 0 }
  const shaken = listen()
  const flatness = await probeFlatness(
    backend,
    { ...common, sigmas: [0.1], draws: 1, protocols: ['b'], split: 'given' },
    shaken
  )
  const mapped = listen()
  const embedding = await probeEmbedding(
    backend,
    { ...common, method: 'pca', dims: 2, neighbors: 5, minDist: 0.1 },
    mapped
  )
  for (const [{ partials }, whole] of [
    [shaken, flatness],
    [mapped, embedding]
  ] as const)
    expect(partials.map(({ checkpoints }) => checkpoints)).toEqual([
      whole.checkpoints.slice(0, 1),
      whole.checkpoints.slice(0, 2)
    ])
})
