import { expect, test } from 'vitest'
import { openBackend } from '../../../src-main/engine/backend/choose.ts'
import { predict } from '../../../src-main/engine/calls/predict.ts'
import { runProbe } from '../../../src-main/engine/probes/run-probe.ts'
import { largestDeviation, readGolden } from './golden.ts'

test('the wasm backend equals the PyTorch reference, forwards and backwards', async () => {
  const { golden, weights, images } = readGolden('bottleneck-resnet18-w8')
  const backend = await openBackend('wasm')
  const data = { kind: 'arrays' as const, imagesPath: images, shape: golden.imagesShape, labels: golden.labels }
  const before = backend.tensorCount()
  const { exits } = await predict(backend, { path: weights, data, seed: 0 })
  exits.forEach(({ logits }, index) =>
    expect(largestDeviation(logits.flat(), golden.eval.logits[index]!.flat())).toBeLessThan(1e-4)
  )
  const request = {
    checkpoints: [{ path: weights }],
    data,
    seed: 0,
    method: 'self-distillation' as const,
    batchSize: null
  }
  const { alpha, lambda, temperature } = golden.hyper
  const report = await runProbe(backend, 'gradients', { ...request, alpha, lambda, temperature })
  expect(backend.tensorCount()).toBe(before)
  const deviations = report.checkpoints[0]!.layers.filter(({ name }) => !/^bottleneck.*\.(0|3|6)\.bias$/.test(name))
    .map(({ name, meanAbs }) => Math.abs(meanAbs / golden.trainStep.meanAbsGradient[name]! - 1))
    .sort((a, b) => a - b)
  expect(deviations[Math.floor(deviations.length / 2)]).toBeLessThan(1e-4)
  expect(deviations.at(-1)).toBeLessThan(5e-2)
})
