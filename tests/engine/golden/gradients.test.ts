import { describe, expect, test } from 'vitest'
import { openBackend } from '../../../src-main/engine/backend/choose.ts'
import { runProbe } from '../../../src-main/engine/probes/run-probe.ts'
import { readGolden } from './golden.ts'

/** Largest and median relative deviation allowed: float32 in another order flips ReLUs (SCIENCE section 4). */
const cases = [
  { name: 'bottleneck-resnet18-w8', median: 1e-4, largest: 5e-2 },
  { name: 'bottleneck-resnet50-w4-dataparallel', median: 1e-2, largest: 0.15 }
]

describe.each(cases)('gradients of the PyTorch reference $name', ({ name, median, largest }) => {
  test('mean |gradient| of every layer, the loss terms, shares that sum to one', async () => {
    const { golden, weights, images } = readGolden(name)
    const backend = await openBackend()
    const { alpha, lambda, temperature } = golden.hyper
    const before = backend.tensorCount()
    const report = await runProbe(backend, 'gradients', {
      checkpoints: [{ path: weights }],
      data: { kind: 'arrays', imagesPath: images, shape: golden.imagesShape, labels: golden.labels },
      seed: 0,
      method: 'self-distillation',
      alpha,
      lambda,
      temperature,
      batchSize: null
    })
    expect(backend.tensorCount()).toBe(before)
    const { layers, terms, losses } = report.checkpoints[0]!
    const expected = golden.trainStep.meanAbsGradient
    expect(new Set(layers.map((layer) => layer.name))).toEqual(new Set(Object.keys(expected)))
    const cancelled = (tensor: string) => /^bottleneck.*\.(0|3|6)\.bias$/.test(tensor)
    const deviations = layers
      .filter((layer) => !cancelled(layer.name))
      .map((layer) => Math.abs(layer.meanAbs / expected[layer.name]! - 1))
      .sort((a, b) => a - b)
    expect(deviations[Math.floor(deviations.length / 2)]).toBeLessThanOrEqual(median)
    expect(deviations.at(-1)).toBeLessThanOrEqual(largest)

    expect(Math.abs(losses.total / golden.trainStep.total - 1)).toBeLessThan(1e-4)
    for (const key of ['crossEntropy', 'kl', 'hint'] as const)
      losses[key].forEach((value, index) =>
        expect(Math.abs(value / golden.trainStep[key][index]! - 1)).toBeLessThan(1e-4)
      )
    expect(terms).toHaveLength(10)
    layers.forEach((layer, index) => {
      const sum = terms.reduce((total, term) => total + term.layers[index]!.share, 0)
      if (!cancelled(layer.name)) expect(sum, layer.name).toBeCloseTo(1, 2)
    })
  })
})
