import { beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../src-main/engine/backend/choose.ts'
import { predict } from '../../../src-main/engine/calls/predict.ts'
import { runProbe } from '../../../src-main/engine/probes/run-probe.ts'
import { readGolden } from '../golden/golden.ts'
import { goldenCase } from './cases.ts'

let backend: Backend
const { weights, data } = goldenCase()
const common = { checkpoints: [{ path: weights, name: 'golden', group: 'g', role: 'r', seed: 4 }], data, seed: 3 }
beforeAll(async () => {
  backend = await openBackend()
})

describe('the discriminativeness probe', () => {
  test("equals the reference's SSE and SSB, warns of few images, and frees its tensors", async () => {
    const { golden } = readGolden('bottleneck-resnet18-w8')
    const before = backend.tensorCount()
    const report = await runProbe(backend, 'discriminativeness', { ...common, features: 'raw', resamples: 50 })
    expect(backend.tensorCount()).toBe(before)
    const entry = report.checkpoints[0]!
    expect(entry).toMatchObject({ name: 'golden', group: 'g', role: 'r', seed: 4, count: 20, classes: 10 })
    expect(entry.warnings).toEqual(["10 of 10 classes have fewer than 20 images; the exits' order is unsure."])
    entry.exits.forEach(({ sse, ssb, ratio, perClass, dimensions }, index) => {
      const expected = golden.eval.discriminativeness[index]!
      expect(sse / expected.sse).toBeCloseTo(1, 4)
      expect(ssb / expected.ssb).toBeCloseTo(1, 4)
      expect(ratio / expected.ratio).toBeCloseTo(1, 4)
      expect(perClass).toHaveLength(10)
      expect(dimensions).toBe(64)
    })
  })

  test('gives another ratio for standardised and for normalised features', async () => {
    const ratios = []
    for (const features of ['raw', 'standardized', 'normalized'] as const) {
      const report = await runProbe(backend, 'discriminativeness', { ...common, features, resamples: 0 })
      ratios.push(report.checkpoints[0]!.exits[0]!.ratio)
    }
    expect(new Set(ratios).size).toBe(3)
  })
})

describe('the embedding probe', () => {
  test.each(['umap', 'pca'] as const)('%s places every image at every exit, and repeats itself', async (method) => {
    const request = { ...common, method, dims: 2 as const, neighbors: 5, minDist: 0.1 }
    const before = backend.tensorCount()
    const fractions: number[] = []
    const onProgress = ({ fraction }: { fraction: number }) => void fractions.push(fraction)
    const report = await runProbe(backend, 'embedding', request, { onProgress })
    expect(backend.tensorCount()).toBe(before)
    const again = await runProbe(backend, 'embedding', request)
    expect(again.checkpoints).toEqual(report.checkpoints)
    const { exits, indices, labels } = report.checkpoints[0]!
    expect(indices).toHaveLength(20)
    expect(labels).toHaveLength(20)
    expect(exits.map(({ exit }) => exit)).toEqual([1, 2, 3, 4])
    for (const { points, quality } of exits) {
      expect(points.map((point) => point.length)).toEqual(Array(20).fill(2))
      expect(points.flat().every(Number.isFinite)).toBe(true)
      expect(quality.trustworthiness).toBeGreaterThan(0.5)
    }
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b))
  })

  test('predicts what predict predicts', async () => {
    const request = { ...common, method: 'pca' as const, dims: 3 as const, neighbors: 5, minDist: 0.1 }
    const report = await runProbe(backend, 'embedding', request)
    const { exits } = await predict(backend, { path: weights, data, seed: 0 })
    exits.forEach(({ logits }, index) => {
      const classes = logits.map((row) => row.indexOf(Math.max(...row)))
      expect(report.checkpoints[0]!.exits[index]!.predictions).toEqual(classes)
    })
  })

  test('refuses more neighbours than images', async () => {
    const request = { ...common, method: 'umap' as const, dims: 2 as const, neighbors: 20, minDist: 0.1 }
    await expect(runProbe(backend, 'embedding', request)).rejects.toThrow(
      'UMAP with 20 neighbours needs more than 20 images.'
    )
  })
})
