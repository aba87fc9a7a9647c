import { beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../src-main/engine/backend/choose.ts'
import { openNetwork, type NetworkCheckpoint } from '../../../src-main/engine/checkpoint/checkpoint.ts'
import { runNetwork } from '../../../src-main/engine/evaluation/run-network.ts'
import { tensorSpecs } from '../../../src-main/engine/model/tensor-specs.ts'
import { disposeState, fromState, toState } from '../../../src-main/engine/model/weights.ts'
import { Stepper } from '../../../src-main/engine/training/stepper.ts'
import { executors } from '../../../src-shared/contract.ts'
import { classScatter } from '../../../src-shared/science/class-scatter.ts'
import { largestDeviation, readGolden, type Golden } from './golden.ts'

const cases = [
  { name: 'bottleneck-resnet18-w8', depth: 18, width: 8, heads: 'bottleneck' },
  { name: 'bottleneck-resnet50-w4-dataparallel', depth: 50, width: 4, heads: 'bottleneck' },
  { name: 'sepconv-resnet18-w8', depth: 18, width: 8, heads: 'sepconv' }
]

describe.each(cases)('PyTorch reference $name', ({ name, depth, width, heads }) => {
  let backend: Backend
  let checkpoint: NetworkCheckpoint
  const { golden, weights, pixels } = readGolden(name)

  beforeAll(async () => {
    backend = await openBackend()
    checkpoint = await openNetwork(weights)
  })

  test('is recognised', () => {
    expect(checkpoint.network).toMatchObject({ depth, width, classes: 10, inputChannels: 3, heads })
  })

  test('logits, features, SSE and SSB of every exit', async () => {
    const state = toState(backend.tf, checkpoint.network, checkpoint.weights)
    const [count, ...shape] = golden.imagesShape
    const size = pixels.length / count
    const source = { count, shape, batch: (from: number, to: number) => pixels.slice(from * size, to * size) }
    const exits = await runNetwork(backend, checkpoint.network, state, source, { wantsFeatures: true, batchSize: 7 })
    disposeState(state)
    exits.forEach(({ logits, features }, index) => {
      expect(largestDeviation(logits.data, golden.eval.logits[index]!.flat())).toBeLessThan(1e-4)
      expect(largestDeviation(features!.data, golden.eval.features[index]!.flat())).toBeLessThan(1e-4)
      const scatter = classScatter(features!, golden.labels)
      const expected = golden.eval.discriminativeness[index]!
      for (const key of ['sse', 'ssb', 'ratio'] as const)
        expect(Math.abs(scatter[key] / expected[key] - 1)).toBeLessThan(1e-4)
    })
  })

  // XLA compiles for a quarter of a minute: one network does.
  const tried = executors.filter((executor) => executor !== 'xla' || name === 'bottleneck-resnet18-w8')
  test.each(tried)('loss terms and every tensor after one step of SGD, %s', async (executor) => {
    const before = backend.tensorCount()
    const { metrics, after } = await step({ ...backend, executor }, checkpoint, golden, pixels)
    const expected = golden.trainStep
    const close = (a: number, b: number) => expect(Math.abs(a / b - 1)).toBeLessThan(1e-4)
    close(metrics.total, expected.total)
    for (const term of ['crossEntropy', 'kl', 'hint'] as const)
      expected[term].forEach((value, index) => close(metrics[term][index]!, value))
    for (const [tensor, { sum, sumAbs }] of Object.entries(expected.after)) {
      const data = after.get(tensor)!.data
      const total = data.reduce((a, b) => a + b, 0)
      const totalAbs = data.reduce((a, b) => a + Math.abs(b), 0)
      expect(Math.abs(total - sum), tensor).toBeLessThanOrEqual(1e-3 * sumAbs)
      expect(Math.abs(totalAbs - sumAbs), tensor).toBeLessThanOrEqual(1e-3 * sumAbs)
    }
    expect(after.size).toBe(Object.keys(expected.after).length)
    expect(tensorSpecs(checkpoint.network)).toHaveLength(after.size)
    expect(backend.tensorCount()).toBe(before)
  })
})

async function step(backend: Backend, checkpoint: NetworkCheckpoint, golden: Golden, pixels: Float32Array) {
  const { tf } = backend
  const { network } = checkpoint
  const state = toState(tf, network, checkpoint.weights)
  const velocity = new Map([...state.parameters].map(([name, tensor]) => [name, tf.zerosLike(tensor)]))
  const { alpha, lambda, temperature, lr, momentum, weightDecay } = golden.hyper
  const objective = { method: 'self-distillation', distillation: { alpha, lambda, temperature } } as const
  const [count, ...shape] = golden.imagesShape
  const batch = { images: pixels.slice(), labels: Int32Array.from(golden.labels), count, shape }
  const sgd = { momentum, weightDecay, nesterov: false }
  const stepper = new Stepper(backend, network, objective, sgd, { network: state, velocity, lossScale: null })
  await stepper.take(batch, lr, async () => undefined)
  const metrics = (await stepper.readMetrics())!
  const after = await fromState(network, stepper.state.network)
  stepper.dispose()
  return { metrics, after }
}
