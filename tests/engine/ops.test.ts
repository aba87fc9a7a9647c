import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../src-main/engine/backend/choose.ts'
import { opsOf, type Ops } from '../../src-main/engine/backend/ops/ops.ts'
import { portableOps } from '../../src-main/engine/backend/ops/portable-ops.ts'
import { normals } from '../../src-shared/science/random.ts'

let backend: Backend
let ops: Ops
beforeAll(async () => {
  backend = await openBackend()
  ops = opsOf(backend)
})

const tensor = (shape: number[], key: string, scale = 1): Tensor =>
  backend.tf.tensor(
    normals(
      shape.reduce((a, b) => a * b, 1),
      key
    ).map((value) => value * scale),
    shape
  )

/**
 * Largest deviation of d(sum(weights * f(inputs)))/d(inputs) from central differences along random directions, relative
 * to the gradient's size. A direction's derivative sums many numbers, so float32's noise averages out.
 */
function gradientError(f: (...inputs: Tensor[]) => Tensor, inputs: Tensor[], step = 1e-2): number {
  const { tf } = backend
  return tf.tidy(() => {
    const output = f(...inputs)
    const weights = tensor(output.shape, 'weights')
    const scalar = (...at: Tensor[]) => tf.sum(tf.mul(f(...at), weights))
    const gradients = tf.grads(scalar as never)(inputs)
    let worst = 0
    inputs.forEach((input, index) => {
      const direction = tensor(input.shape, `direction ${index}`)
      const at = (t: number) =>
        scalar(...inputs.map((one, k) => (k === index ? tf.add(one, tf.mul(direction, t)) : one))).dataSync()[0]!
      const numeric = (at(step) - at(-step)) / (2 * step)
      const analytic = tf.sum(tf.mul(gradients[index]!, direction)).dataSync()[0]!
      const scale = Math.sqrt(tf.sum(tf.square(gradients[index]!)).dataSync()[0]!)
      worst = Math.max(worst, Math.abs(numeric - analytic) / scale)
    })
    return worst
  })
}

const convolutions = [
  { name: '3x3', kernel: 3, stride: 1, padding: 1 },
  { name: '3x3 strided', kernel: 3, stride: 2, padding: 1 },
  { name: '1x1 strided', kernel: 1, stride: 2, padding: 0 },
  { name: '4x4 with stride 4', kernel: 4, stride: 4, padding: 0 }
]

describe('gradients equal finite differences', () => {
  test.each(convolutions)('conv2d $name', ({ kernel, stride, padding }) => {
    const inputs = [tensor([2, 8, 8, 3], 'x'), tensor([kernel, kernel, 3, 5], 'w')]
    const f = (x: Tensor, w: Tensor) =>
      ops.conv2d(x as Tensor4D, w as Tensor4D, { stride, padding, needsInputGradient: true })
    expect(gradientError(f as never, inputs)).toBeLessThan(1e-3)
  })

  test('batchNormTrain', () => {
    const inputs = [tensor([8, 4, 4, 3], 'x'), tensor([3], 'gamma'), tensor([3], 'beta')]
    const f = (x: Tensor, gamma: Tensor, beta: Tensor) => {
      const { y, mean, variance } = ops.batchNormTrain(x as Tensor4D, gamma as Tensor1D, beta as Tensor1D)
      backend.tf.dispose([mean, variance])
      return y
    }
    expect(gradientError(f as never, inputs)).toBeLessThan(1e-3)
  })

  test('batchNormEvaluate', () => {
    const { tf } = backend
    const mean = tensor([3], 'mean') as Tensor1D
    const variance = tf.add(tf.square(tensor([3], 'variance')), 0.5) as Tensor1D
    const inputs = [tensor([4, 4, 4, 3], 'x'), tensor([3], 'gamma'), tensor([3], 'beta')]
    const f = (x: Tensor, gamma: Tensor, beta: Tensor) =>
      ops.batchNormEvaluate(x as Tensor4D, gamma as Tensor1D, beta as Tensor1D, mean, variance)
    expect(gradientError(f as never, inputs)).toBeLessThan(1e-3)
  })

  test('relu, away from its kink', () => {
    const { tf } = backend
    const x = tf.tidy(() => {
      const raw = tensor([64], 'x')
      return tf.add(raw, tf.mul(tf.sign(raw), 0.2))
    })
    expect(gradientError(((a: Tensor) => ops.relu(a)) as never, [x])).toBeLessThan(1e-3)
  })

  test('softmaxCrossEntropy with soft targets', () => {
    const targets = backend.tf.softmax(tensor([6, 5], 'targets')) as Tensor2D
    const f = (z: Tensor) => ops.softmaxCrossEntropy(z as Tensor2D, targets)
    expect(gradientError(f as never, [tensor([6, 5], 'logits')])).toBeLessThan(1e-3)
  })

  test('stopGradient', () => {
    const { tf } = backend
    const gradient = tf.grad((x) => tf.sum(tf.add(ops.stopGradient(x), tf.mul(x, 2))))(tensor([4], 'x'))
    expect([...gradient.dataSync()]).toEqual([2, 2, 2, 2])
  })
})

test('conv2d pads like PyTorch: a strided window is centred on the first pixel', () => {
  const { tf } = backend
  const y = ops.conv2d(tf.ones([1, 4, 4, 1]), tf.ones([3, 3, 1, 1]), {
    stride: 2,
    padding: 1,
    needsInputGradient: true
  })
  expect([...y.dataSync()]).toEqual([4, 6, 6, 9])
})

test('batchNormTrain gives the mean and the unbiased variance', () => {
  const { tf } = backend
  const x = tf.tensor4d([1, 2, 3, 6], [4, 1, 1, 1])
  const { mean, variance } = ops.batchNormTrain(x, tf.ones([1]), tf.zeros([1]))
  expect(mean.dataSync()[0]).toBeCloseTo(3, 5)
  expect(variance.dataSync()[0]).toBeCloseTo(14 / 3, 5)
})

test('softmaxCrossEntropy of two equal logits is log 2', () => {
  const { tf } = backend
  const loss = ops.softmaxCrossEntropy(tf.tensor2d([[5, 5]]), tf.tensor2d([[1, 0]]))
  expect(loss.dataSync()[0]).toBeCloseTo(Math.log(2), 6)
})

test('fused and composed operations agree for any shape', () => {
  const { tf } = backend
  const portable = portableOps(tf, 'cpu')
  const shapes = fc.record({
    n: fc.integer({ min: 2, max: 4 }),
    size: fc.integer({ min: 3, max: 9 }),
    from: fc.integer({ min: 1, max: 4 }),
    to: fc.integer({ min: 1, max: 4 }),
    stride: fc.integer({ min: 1, max: 2 }),
    kernel: fc.constantFrom(1, 3)
  })
  fc.assert(
    fc.property(shapes, ({ n, size, from, to, stride, kernel }) => {
      tf.tidy(() => {
        const x = tensor([n, size, size, from], 'x') as Tensor4D
        const w = tensor([kernel, kernel, from, to], 'w') as Tensor4D
        const options = { stride, padding: (kernel - 1) / 2, needsInputGradient: true }
        const gamma = tensor([to], 'gamma') as Tensor1D
        const through = (with_: Ops) => (a: Tensor, b: Tensor) => {
          const { y, mean, variance } = with_.batchNormTrain(
            with_.conv2d(a as Tensor4D, b as Tensor4D, options),
            gamma,
            gamma
          )
          tf.dispose([mean, variance])
          return tf.sum(tf.square(with_.relu(y)))
        }
        const ours = tf.grads(through(ops) as never)([x, w])
        const theirs = tf.grads(through(portable) as never)([x, w])
        // One scale for both: the weights of a 1x1 filter on one channel have gradient zero before BatchNorm.
        const scale = Math.max(1, ...theirs.map((gradient) => tf.max(tf.abs(gradient)).dataSync()[0]!))
        ours.forEach((gradient, index) => {
          const difference = tf.max(tf.abs(tf.sub(gradient, theirs[index]!))).dataSync()[0]!
          expect(difference / scale).toBeLessThan(1e-2)
        })
      })
    }),
    { numRuns: 30, seed: 1 }
  )
})
