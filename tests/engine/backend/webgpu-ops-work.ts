import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { opsOf } from '../../../src-main/engine/backend/ops/ops.ts'
import { normals } from '../../../src-shared/science/random.ts'

/** Convolutions of every kind that a network may hold; odd sizes leave pixels over that no window reaches. */
const convolutions = [
  { name: '3x3', size: [8, 8], kernel: 3, stride: 1, padding: 1 },
  { name: '3x3 odd', size: [7, 9], kernel: 3, stride: 1, padding: 1 },
  { name: '3x3 strided', size: [8, 8], kernel: 3, stride: 2, padding: 1 },
  { name: '3x3 strided odd', size: [7, 9], kernel: 3, stride: 2, padding: 1 },
  { name: '1x1', size: [5, 5], kernel: 1, stride: 1, padding: 0 },
  { name: '1x1 strided', size: [8, 8], kernel: 1, stride: 2, padding: 0 },
  { name: '1x1 strided odd', size: [7, 5], kernel: 1, stride: 2, padding: 0 },
  { name: '2x2 strided', size: [6, 6], kernel: 2, stride: 2, padding: 0 },
  { name: '4x4 with stride 4', size: [8, 8], kernel: 4, stride: 4, padding: 0 },
  { name: '7x7 strided', size: [15, 15], kernel: 7, stride: 2, padding: 3 },
  { name: '3x3 unpadded', size: [6, 7], kernel: 3, stride: 1, padding: 0 },
  { name: '3x3 with stride 3', size: [8, 8], kernel: 3, stride: 3, padding: 1 }
] as const
/** Channels in and out: tfjs's WebGPU kernels take another way where 4 divides them. */
const channels = [
  [3, 5],
  [4, 8],
  [1, 4],
  [16, 1]
] as const

/** Results and gradients of the lab's operations on made-up numbers, by name. */
export async function computeOps(backend: Backend): Promise<Record<string, number[]>> {
  const { tf } = backend
  const ops = opsOf(backend)
  const results: Record<string, number[]> = {}
  const random = (shape: number[], key: string): Tensor =>
    tf.tensor(
      Float32Array.from(
        normals(
          shape.reduce((a, b) => a * b, 1),
          key
        )
      ),
      shape
    )
  const keep = async (name: string, tensors: Tensor[]) => {
    for (const [index, tensor] of tensors.entries()) results[`${name} ${index}`] = Array.from(await tensor.data())
    tf.dispose(tensors)
  }
  /** The value of `f`, and its gradients for a random slope. */
  const differentiate = async (name: string, f: (...inputs: Tensor[]) => Tensor, inputs: Tensor[]) => {
    const all = tf.tidy(() => {
      const value = f(...inputs)
      const slope = random(value.shape, `${name} slope`)
      return [value, ...tf.grads(f)(inputs, slope)]
    })
    await keep(name, all)
    tf.dispose(inputs)
  }

  for (const { name, size, ...windows } of convolutions)
    for (const [from, to] of channels) {
      const { kernel } = windows
      const inputs = [random([3, ...size, from], 'x'), random([kernel, kernel, from, to], 'w')]
      const convolve = (needsInputGradient: boolean) => (x: Tensor, w: Tensor) =>
        ops.conv2d(x as Tensor4D, w as Tensor4D, { ...windows, needsInputGradient })
      await differentiate(`conv2d ${name}, ${from} to ${to}`, convolve(true), inputs)
    }

  for (const [count, side, depth] of [
    [8, 4, 3],
    [3, 1, 8],
    [5, 7, 16]
  ] as const) {
    const shape = [count, side, side, depth]
    const inputs = () => [random(shape, 'x'), random([depth], 'gamma'), random([depth], 'beta')]
    const normalize = (x: Tensor, gamma: Tensor, beta: Tensor) => {
      const { y, mean, variance } = ops.batchNormTrain(x as Tensor4D, gamma as Tensor1D, beta as Tensor1D)
      tf.dispose([mean, variance])
      return y
    }
    await differentiate(`batchNormTrain ${shape.join(' ')}`, normalize, inputs())
    const [x, gamma, beta] = inputs() as [Tensor4D, Tensor1D, Tensor1D]
    const { y, mean, variance } = tf.tidy(() => ops.batchNormTrain(x, gamma, beta))
    await keep(`moments ${shape.join(' ')}`, [y, mean, variance])
    const variances = tf.tidy(() => tf.add(tf.square(random([depth], 'variance')), 0.5)) as Tensor1D
    const means = random([depth], 'mean') as Tensor1D
    const evaluate = (a: Tensor, b: Tensor, c: Tensor) =>
      ops.batchNormEvaluate(a as Tensor4D, b as Tensor1D, c as Tensor1D, means, variances)
    await differentiate(`batchNormEvaluate ${shape.join(' ')}`, evaluate, [x, gamma, beta])
    tf.dispose([means, variances])
  }

  await differentiate('relu', (x) => ops.relu(x), [random([3, 5, 5, 4], 'x')])
  await differentiate('stopGradient', (x) => tf.add(ops.stopGradient(x), x), [random([7], 'x')])
  const targets = tf.tidy(() => tf.softmax(random([6, 10], 'targets'))) as Tensor2D
  const crossEntropy = (z: Tensor) => ops.softmaxCrossEntropy(z as Tensor2D, targets)
  await differentiate('softmaxCrossEntropy', crossEntropy, [random([6, 10], 'logits')])
  targets.dispose()

  const labels = tf.tensor1d([0, 3, 9, 4], 'int32')
  await keep('oneHot', [tf.tidy(() => tf.oneHot(labels, 10).toFloat())])
  labels.dispose()
  await differentiate('mean of space', (x) => tf.mean(x, [1, 2]), [random([3, 4, 4, 8], 'x')])
  const linear = (x: Tensor, w: Tensor) => tf.matMul(x, w, false, true)
  await differentiate('linear', linear, [random([20, 64], 'x'), random([10, 64], 'w')])
  const stack = (x: Tensor) => tf.stack([tf.sum(x), tf.mean(x), tf.sum(tf.abs(x)), tf.addN([tf.max(x), tf.min(x)])])
  await differentiate('stack of scalars', stack, [random([9], 'x')])
  const hint = (a: Tensor, b: Tensor) => tf.mean(tf.sum(tf.squaredDifference(a, b), 1))
  await differentiate('hint', hint, [random([5, 7], 'a'), random([5, 7], 'b')])
  const z = random([11, 10], 'z')
  await keep('argMax', [tf.argMax(z, 1), tf.tidy(() => tf.cast(tf.equal(tf.argMax(z, 1), 3), 'float32'))])
  z.dispose()
  return results
}
