import { describe, expect, test } from 'vitest'
import { completeReport, refine } from '../../../src-main/engine/probes/refine.ts'
import { probes, type ProbeRequest } from '../../../src-shared/reports.ts'
import { makeEmbedding, makeFlatness, nineSubjects } from '../../figures/fixture-reports.ts'

const checkpoints = [{ path: 'a' }]
const data = { kind: 'dataset' as const, name: 'fashion-mnist', split: 'test' as const, limit: 2000 }
const arrays = {
  kind: 'arrays' as const,
  imagesPath: 'x.f32',
  shape: [500, 32, 32, 1] as [number, number, number, number],
  labels: null
}
const embedding: ProbeRequest<'embedding'> = {
  checkpoints,
  data,
  seed: 3,
  method: 'umap',
  dims: 3,
  neighbors: 15,
  minDist: 0.1
}
const separation: ProbeRequest<'discriminativeness'> = { checkpoints, data, seed: 3, features: 'raw', resamples: 200 }
const flatness: ProbeRequest<'flatness'> = {
  checkpoints,
  data,
  seed: 3,
  sigmas: 'auto',
  draws: 5,
  protocols: ['a', 'b'],
  split: 'both'
}
const gradients: ProbeRequest<'gradients'> = { checkpoints, data, seed: 3, batchSize: null }

describe('refine', () => {
  test('begins coarsely and ends with the request itself', () => {
    expect(refine('embedding', embedding)).toEqual([
      { ...embedding, method: 'pca', data: { ...data, limit: 1000, orFewer: true } },
      embedding
    ])
    expect(refine('discriminativeness', separation)).toEqual([
      { ...separation, resamples: 20, data: { ...data, limit: 300, orFewer: true } },
      separation
    ])
    expect(refine('flatness', flatness)).toEqual([
      { ...flatness, draws: 1, sigmas: [0.01, 0.03, 0.1, 0.3], data: { ...data, limit: 200, orFewer: true } },
      flatness
    ])
    expect(refine('gradients', gradients)).toEqual([
      { ...gradients, data: { ...data, limit: 64, orFewer: true } },
      gradients
    ])
    const history = { checkpoints }
    expect(refine('history', history)).toEqual([history])
  })

  test('gives requests that are allowed', () => {
    for (const request of refine('embedding', embedding)) probes.embedding.request.parse(request)
    for (const request of refine('flatness', flatness)) probes.flatness.request.parse(request)
    for (const request of refine('gradients', gradients)) probes.gradients.request.parse(request)
    for (const request of refine('discriminativeness', separation)) probes.discriminativeness.request.parse(request)
  })

  test('does not measure the same twice', () => {
    const small = { ...data, limit: 50 }
    const cheap = { ...embedding, method: 'pca' as const, data: small }
    expect(refine('embedding', cheap)).toEqual([cheap])
    const quick = { ...flatness, data: small, draws: 1, sigmas: [0.1] }
    expect(refine('flatness', quick)).toEqual([quick])
    expect(refine('gradients', { ...gradients, data: small })).toHaveLength(1)
  })

  test('keeps few sigmas that were asked for', () => {
    expect(refine('flatness', { ...flatness, sigmas: [0.2, 0.4] })[0]!.sigmas).toEqual([0.2, 0.4])
  })

  test('takes fewer images of each the more checkpoints there are', () => {
    const many = Array.from({ length: 9 }, (_, index) => ({ path: `${index}` }))
    const limits = [embedding, { ...embedding, checkpoints: many.slice(0, 2) }, { ...embedding, checkpoints: many }]
    expect(limits.map((request) => (refine('embedding', request)[0]!.data as typeof data).limit)).toEqual([
      1000, 500, 111
    ])
  })

  test('leaves raw arrays whole', () => {
    expect(refine('embedding', { ...embedding, data: arrays })[0]!.data).toEqual(arrays)
    expect(refine('gradients', { ...gradients, data: arrays })).toHaveLength(1)
  })
})

describe('completeReport', () => {
  const coarse = makeFlatness({ subjects: nineSubjects })
  const fine = {
    ...coarse,
    request: { ...coarse.request, draws: 99 },
    checkpoints: coarse.checkpoints.map((entry) => ({ ...entry, drops: [] }))
  }

  test('takes what a finer report lacks from the coarser one', () => {
    const both = completeReport({ ...fine, checkpoints: fine.checkpoints.slice(0, 4) }, coarse)
    expect(both.request.draws).toBe(99)
    expect(both.checkpoints).toEqual([...fine.checkpoints.slice(0, 4), ...coarse.checkpoints.slice(4)])
  })

  test('of a whole report, or without a coarser one, is that report', () => {
    expect(completeReport(fine, coarse)).toEqual(fine)
    const some = makeEmbedding()
    expect(completeReport(some, null)).toBe(some)
  })
})
