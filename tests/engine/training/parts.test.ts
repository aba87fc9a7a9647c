import type { Scalar, Tensor2D, Tensor4D } from '@tensorflow/tfjs'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../src-main/engine/backend/choose.ts'
import { opsOf } from '../../../src-main/engine/backend/ops/ops.ts'
import { computeLosses } from '../../../src-main/engine/training/losses.ts'
import { portableSgd } from '../../../src-main/engine/backend/ops/sgd.ts'
import { learningRateAt } from '../../../src-main/engine/training/schedule.ts'
import { baselineLoss, deepSupervisionLoss, distillationLoss } from '../../../src-shared/science/distillation-loss.ts'
import type { Matrix } from '../../../src-shared/science/matrix.ts'
import { normals } from '../../../src-shared/science/random.ts'

let backend: Backend
beforeAll(async () => {
  backend = await openBackend()
})

describe('losses on tensors equal the pure functions', () => {
  const matrix = (rows: number, columns: number, key: string): Matrix => ({
    data: normals(rows * columns, key),
    rows,
    columns
  })
  const labels = [0, 2, 1, 3, 2]
  const logits = [0, 1, 2, 3].map((exit) => matrix(5, 4, `logits ${exit}`))
  const features = [0, 1, 2, 3].map((exit) => matrix(5, 6, `features ${exit}`))
  const distillation = { alpha: 0.3, lambda: 0.05, temperature: 3 }
  const pure = {
    baseline: () => baselineLoss({ logits: logits.slice(-1), labels }),
    'deep-supervision': () => deepSupervisionLoss({ logits, labels }),
    'self-distillation': () => distillationLoss({ logits, features, labels, ...distillation })
  }

  test.each(['baseline', 'deep-supervision', 'self-distillation'] as const)('%s', (method) => {
    const { tf } = backend
    const tensor = ({ data, rows, columns }: Matrix): Tensor2D => tf.tensor2d(Float32Array.from(data), [rows, columns])
    const outputs = logits.map((z, index) => ({
      exit: index + 1,
      logits: tensor(z),
      features: tensor(features[index]!),
      map: tensor(features[index]!).reshape([features[index]!.rows, 1, 1, -1]) as Tensor4D
    }))
    const targets = tf.oneHot(tf.tensor1d(labels, 'int32'), 4).toFloat() as Tensor2D
    const given = method === 'baseline' ? outputs.slice(-1) : outputs
    const losses = computeLosses(tf, opsOf(backend), given, targets, { method, distillation })
    const expected = pure[method]()
    const read = (scalar: Scalar) => scalar.dataSync()[0]!
    expect(read(losses.total)).toBeCloseTo(expected.total, 4)
    for (const term of ['crossEntropy', 'kl', 'hint'] as const) {
      expect(losses[term]).toHaveLength(expected[term].length)
      losses[term].forEach((scalar, index) => expect(read(scalar)).toBeCloseTo(expected[term][index]!, 4))
    }
  })
})

describe.each(['own kernel', 'composed'] as const)('a step of SGD, %s', (kind) => {
  const update = (nesterov: boolean, weightDecay: number) => {
    const { tf } = backend
    const scalar = (value: number) => tf.scalar(value)
    const options = { momentum: 0.5, nesterov, weightDecay }
    const sgd = kind === 'composed' ? portableSgd(tf) : opsOf(backend).sgd
    const { weight, velocity } = sgd(scalar(2), scalar(4), scalar(1), scalar(0.1), options)
    return { weight: weight.dataSync()[0], velocity: velocity.dataSync()[0] }
  }

  test('with momentum: v = 0.5 x 4 + 1 = 3, w = 2 - 0.1 x 3', () => {
    expect(update(false, 0)).toEqual({ weight: expect.closeTo(1.7, 6), velocity: expect.closeTo(3, 6) })
  })

  test('with weight decay: d = 1 + 0.25 x 2 = 1.5, v = 3.5', () => {
    expect(update(false, 0.25)).toEqual({ weight: expect.closeTo(1.65, 6), velocity: expect.closeTo(3.5, 6) })
  })

  test("with Nesterov's momentum: w = 2 - 0.1 x (1 + 0.5 x 3)", () => {
    expect(update(true, 0)).toEqual({ weight: expect.closeTo(1.75, 6), velocity: expect.closeTo(3, 6) })
  })
})

describe('learningRateAt', () => {
  const at = (schedule: Parameters<typeof learningRateAt>[0]['schedule'], step: number) =>
    learningRateAt({ learningRate: 0.4, epochs: 10, schedule }, step, 5)

  test('stays, where it is constant', () => {
    expect(at({ kind: 'constant' }, 49)).toBe(0.4)
  })

  test('follows half a cosine to zero', () => {
    expect(at({ kind: 'cosine' }, 0)).toBeCloseTo(0.4)
    expect(at({ kind: 'cosine' }, 25)).toBeCloseTo(0.2)
    expect(at({ kind: 'cosine' }, 50)).toBeCloseTo(0)
  })

  test('falls by the factor after each milestone', () => {
    const schedule = { kind: 'step' as const, milestones: [2, 4], factor: 0.1 }
    expect([9, 10, 19, 20].map((step) => at(schedule, step))).toEqual([
      expect.closeTo(0.4),
      expect.closeTo(0.04),
      expect.closeTo(0.04),
      expect.closeTo(0.004)
    ])
  })
})

test.each([0, 1, 15, 16, 1024, 5003])(
  "the addon's SGD of %i numbers equals the composed one, and sums |gradient|",
  (count) => {
    const { tf } = backend
    const options = { momentum: 0.9, nesterov: true, weightDecay: 5e-4 }
    const tensor = (key: string) => tf.tensor1d(normals(count, 3, key))
    const [weight, velocity, gradient] = [tensor('weight'), tensor('velocity'), tensor('gradient')]
    const [ours, theirs] = [opsOf(backend).sgd, portableSgd(tf)].map((sgd) => {
      const stepped = sgd(weight, velocity, gradient, tf.scalar(0.1), options)
      return [stepped.weight, stepped.velocity, stepped.gradientSum].map((one) => [...one.dataSync()])
    })
    ours!.forEach((values, part) =>
      values.forEach((value, at) => {
        const expected = theirs![part]![at]!
        expect(Math.abs(value - expected)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(expected)))
      })
    )
    expect(ours!.map(({ length }) => length)).toEqual([count, count, 1])
  }
)
