import type { Tensor, Tensor4D } from '@tensorflow/tfjs'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../src-main/engine/backend/choose.ts'
import { opsOf, type ConvolutionOptions, type Ops } from '../../../src-main/engine/backend/ops/ops.ts'
import { applyPlain } from '../../../src-main/engine/model/apply-layer.ts'
import { convolveGroups } from '../../../src-main/engine/model/grouped-convolution.ts'
import type { BackendName } from '../../../src-shared/contract.ts'
import { normals } from '../../../src-shared/science/random.ts'
import { predictCase, predictionDeviation, readFamilyCase } from '../golden/families.ts'
import { convolve, convolveBack, type Image } from './plain-convolutions.ts'

const geometries = [
  { kernel: 3, stride: 1, padding: 1, size: 6 },
  { kernel: 3, stride: 2, padding: 1, size: 6 },
  { kernel: 3, stride: 2, padding: 1, size: 7 },
  { kernel: 1, stride: 1, padding: 0, size: 4 },
  { kernel: 4, stride: 2, padding: 1, size: 5 },
  { kernel: 2, stride: 3, padding: 0, size: 6 },
  { kernel: 5, stride: 1, padding: 0, size: 7 }
]

/** The layers beside plain convolutions, on one backend: against loops, closed forms, numeric differences and PyTorch. */
export function describeLayers(name: BackendName, families: readonly string[]): void {
  let backend: Backend
  let ops: Ops
  beforeAll(async () => {
    backend = await openBackend(name)
    ops = opsOf(backend)
  })

  const random = (shape: number[], key: string): Tensor4D => {
    const size = shape.reduce((a, b) => a * b, 1)
    return backend.tf.tensor4d(normals(size, key), shape as [number, number, number, number])
  }
  const imageOf = (x: Tensor4D): Image => ({ shape: x.shape, data: x.dataSync<'float32'>() })
  const expectClose = (actual: Tensor4D, expected: Image): void => {
    expect(actual.shape).toEqual(expected.shape)
    const values = actual.dataSync()
    const scale = Math.max(...expected.data.map(Math.abs))
    expected.data.forEach((value, index) => expect(Math.abs(values[index]! - value) / scale).toBeLessThan(1e-5))
  }

  /** Largest deviation of gradients from central differences along a random direction; exact but for rounding, as f is linear in each input. */
  const gradientError = (f: (x: Tensor4D, w: Tensor4D) => Tensor4D, x: Tensor4D, w: Tensor4D): number => {
    const { tf } = backend
    return tf.tidy(() => {
      const weights = random(f(x, w).shape, 'weights')
      const scalar = (...at: Tensor[]): Tensor => tf.sum(tf.mul(f(at[0] as Tensor4D, at[1] as Tensor4D), weights))
      const gradients = tf.grads(scalar as never)([x, w])
      const errors = [x, w].map((input, index) => {
        const direction = random(input.shape, `direction ${index}`)
        const at = (step: number): number =>
          scalar(...[x, w].map((one, k) => (k === index ? tf.add(one, tf.mul(direction, step)) : one))).dataSync()[0]!
        const analytic = tf.sum(tf.mul(gradients[index]!, direction)).dataSync()[0]!
        const size = Math.sqrt(tf.sum(tf.square(gradients[index]!)).dataSync()[0]!)
        return Math.abs(at(0.5) - at(-0.5) - analytic) / size
      })
      return Math.max(...errors)
    })
  }

  describe.each(geometries)('windows of $kernel, stride $stride, padding $padding, on $size pixels', (geometry) => {
    const { kernel, size, ...window } = geometry
    const options: ConvolutionOptions = { ...window, needsInputGradient: true }

    test('depthwise, forward and backward', () => {
      const [x, w] = [random([2, size, size, 3], 'x'), random([kernel, kernel, 3, 1], 'w')]
      expectClose(
        ops.depthwiseConv2d(x, w, options),
        convolve(imageOf(x), { shape: [kernel, kernel, 1, 3], data: imageOf(w).data }, { ...window, groups: 3 })
      )
      expect(gradientError((a, b) => ops.depthwiseConv2d(a, b, options), x, w)).toBeLessThan(1e-3)
    })

    test('transposed, forward and backward', () => {
      const [x, w] = [random([2, size, size, 4], 'x'), random([kernel, kernel, 3, 4], 'w')]
      if ((size - 1) * window.stride - 2 * window.padding + kernel < 1) return
      expectClose(ops.transposedConv2d(x, w, options), convolveBack(imageOf(x), imageOf(w), window))
      expect(gradientError((a, b) => ops.transposedConv2d(a, b, options), x, w)).toBeLessThan(1e-3)
    })

    test.each([1, 2, 4])('in %i groups, forward and backward', (groups) => {
      const { tf } = backend
      const [x, w] = [random([2, size, size, 4], 'x'), random([kernel, kernel, 4 / groups, 8], 'w')]
      const grouped = (a: Tensor4D, b: Tensor4D) => convolveGroups(tf, ops, a, b, groups, options)
      expectClose(grouped(x, w), convolve(imageOf(x), imageOf(w), { ...window, groups }))
      expect(gradientError(grouped, x, w)).toBeLessThan(1e-3)
    })
  })

  test.each([
    { groups: 4, each: 24, what: 'two bundles of two' },
    { groups: 3, each: 40, what: 'each on its own' }
  ])('$groups groups of $each channels: $what', ({ groups, each }) => {
    const { tf } = backend
    const [x, w] = [random([1, 4, 4, groups * each], 'x'), random([3, 3, each, groups * 2], 'w')]
    const options = { stride: 2, padding: 1, needsInputGradient: true }
    const grouped = (a: Tensor4D, b: Tensor4D) => convolveGroups(tf, ops, a, b, groups, options)
    expectClose(grouped(x, w), convolve(imageOf(x), imageOf(w), { stride: 2, padding: 1, groups }))
    expect(gradientError(grouped, x, w)).toBeLessThan(1e-3)
  })

  test('as many groups as channels in and out is a depthwise convolution', () => {
    const { tf } = backend
    const [x, w] = [random([2, 5, 5, 4], 'x'), random([3, 3, 1, 4], 'w')]
    const options = { stride: 1, padding: 1, needsInputGradient: true }
    const grouped = (a: Tensor4D, b: Tensor4D) => convolveGroups(tf, ops, a, b, 4, options)
    expectClose(grouped(x, w), convolve(imageOf(x), imageOf(w), { stride: 1, padding: 1, groups: 4 }))
    expect(gradientError(grouped, x, w)).toBeLessThan(1e-3)
  })

  test("doubles as PyTorch's nn.Upsample(scale_factor=2, mode='bilinear')", () => {
    const { tf } = backend
    const doubled = (x: Tensor4D) => applyPlain(tf, x, { kind: 'upsample' })
    const y = doubled(tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]))
    const rows = [
      [1, 1.25, 1.75, 2],
      [1.5, 1.75, 2.25, 2.5],
      [2.5, 2.75, 3.25, 3.5],
      [3, 3.25, 3.75, 4]
    ]
    expectClose(y, { shape: [1, 4, 4, 1], data: Float32Array.from(rows.flat()) })
    // A single pixel has no neighbours.
    expectClose(doubled(tf.fill([1, 1, 1, 2], 5)), { shape: [1, 2, 2, 2], data: new Float32Array(8).fill(5) })
    expect(
      gradientError((a, b) => tf.add(doubled(a), b), random([2, 3, 4, 2], 'x'), random([2, 6, 8, 2], 'w'))
    ).toBeLessThan(1e-3)
  })

  test('pools like PyTorch: padded with nothing, over the edge with ceil, means of whole windows', () => {
    const { tf } = backend
    const x = tf.tensor4d(
      Array.from({ length: 25 }, (_, index) => index - 30),
      [1, 5, 5, 1]
    )
    const pooled = (kernel: number, stride: number, padding: number, ceil: boolean) =>
      [...applyPlain(tf, x, { kind: 'maxPool', kernel, stride, padding, ceil }).dataSync()].map((value) => value + 30)
    expect(pooled(3, 2, 1, false)).toEqual([6, 8, 9, 16, 18, 19, 21, 23, 24])
    expect(pooled(2, 2, 0, false)).toEqual([6, 8, 16, 18])
    expect(pooled(2, 2, 0, true)).toEqual([6, 8, 9, 16, 18, 19, 21, 23, 24])
    expect(pooled(3, 2, 0, true)).toEqual([12, 14, 22, 24])
    // A window that would begin beyond the padding is none.
    expect(pooled(2, 3, 0, true)).toEqual([6, 9, 21, 24])
    const means = [...applyPlain(tf, x, { kind: 'averagePool', kernel: 2 }).dataSync()].map((value) => value + 30)
    expect(means).toEqual([3, 5, 13, 15])
    const pool = { kind: 'averagePool', kernel: 2 } as const
    const add = (a: Tensor4D, b: Tensor4D) => tf.add(applyPlain(tf, a, pool), b) as Tensor4D
    expect(gradientError(add, random([2, 5, 5, 2], 'x'), random([2, 2, 2, 2], 'w'))).toBeLessThan(1e-3)
  })

  test("a maximum's gradient goes to its pixel, also where windows overlap and reach over the edge", () => {
    const { tf } = backend
    const pool = { kind: 'maxPool', kernel: 3, stride: 2, padding: 1, ceil: true } as const
    // Windows begin at -1, 1 and 3, so the second row and column lie in two of them each.
    const x = tf.tensor4d([9, 1, 2, 3, 4, 5, 6, 7, 8, 0, 15, 14, 3, 4, 5, 13], [1, 4, 4, 1])
    expect([...applyPlain(tf, x, pool).dataSync()]).toEqual([9, 7, 7, 8, 15, 14, 4, 13, 13])
    const slope = tf.grad((at) => tf.sum(applyPlain(tf, at as Tensor4D, pool)))(x)
    expect([...slope.dataSync()]).toEqual([1, 0, 0, 0, 0, 0, 0, 2, 1, 0, 1, 1, 0, 1, 0, 2])
  })

  test.each(families)('PyTorch beside %s: predicts the same', async (family) => {
    const golden = await readFamilyCase(family)
    const before = backend.tensorCount()
    expect(predictionDeviation(golden, await predictCase(backend, golden))).toBeLessThanOrEqual(1e-4)
    expect(backend.tensorCount()).toBe(before)
  })
}
