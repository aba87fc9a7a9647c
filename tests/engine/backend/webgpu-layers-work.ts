import type { Tensor, Tensor4D } from '@tensorflow/tfjs'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { opsOf } from '../../../src-main/engine/backend/ops/ops.ts'
import { applyPlain } from '../../../src-main/engine/model/apply-layer.ts'
import { convolveGroups } from '../../../src-main/engine/model/grouped-convolution.ts'
import { normals } from '../../../src-shared/science/random.ts'

/** Windows of depthwise convolutions. */
const windows = [
  { size: 8, kernel: 3, stride: 1, padding: 1 },
  { size: 7, kernel: 3, stride: 2, padding: 1 },
  { size: 8, kernel: 3, stride: 2, padding: 1 }
] as const

const plain = [
  { kind: 'sigmoid' },
  { kind: 'upsample' },
  { kind: 'padChannels', channels: 3 },
  { kind: 'averagePool', kernel: 2 },
  { kind: 'maxPool', kernel: 2, stride: 2, padding: 0, ceil: false },
  { kind: 'maxPool', kernel: 3, stride: 2, padding: 1, ceil: false },
  { kind: 'maxPool', kernel: 3, stride: 2, padding: 0, ceil: true }
] as const

/** Values of every layer beside plain convolutions and BatchNorm, and its gradients but those of max-pooling on wasm, which lacks them. */
export async function computeLayers(backend: Backend): Promise<Record<string, number[]>> {
  const { tf } = backend
  const ops = opsOf(backend)
  const results: Record<string, number[]> = {}
  const random = (shape: number[], key: string): Tensor => {
    const size = shape.reduce((a, b) => a * b, 1)
    return tf.tensor(normals(size, key), shape)
  }
  const differentiate = async (name: string, f: (...inputs: Tensor[]) => Tensor, inputs: Tensor[]) => {
    const tensors = tf.tidy(() => {
      const value = f(...inputs)
      if (backend.name === 'wasm' && name.includes('maxPool')) return [value]
      return [value, ...tf.grads(f)(inputs, random(value.shape, `${name} slope`))]
    })
    for (const [index, tensor] of tensors.entries()) results[`${name}, ${index}`] = Array.from(await tensor.data())
    tf.dispose([...tensors, ...inputs])
  }

  for (const { size, kernel, ...window } of windows)
    for (const depth of [3, 4]) {
      const options = { ...window, needsInputGradient: true }
      const convolve = (x: Tensor, w: Tensor) => ops.depthwiseConv2d(x as Tensor4D, w as Tensor4D, options)
      const inputs = [random([2, size, size, depth], 'x'), random([kernel, kernel, depth, 1], 'w')]
      await differentiate(`depthwise ${size} ${window.stride} ${depth}`, convolve, inputs)
    }
  const options = { stride: 2, padding: 1, needsInputGradient: true }
  const back = (x: Tensor, w: Tensor) => ops.transposedConv2d(x as Tensor4D, w as Tensor4D, options)
  for (const size of [4, 5])
    await differentiate(`transposed ${size}`, back, [random([2, size, size, 3], 'x'), random([4, 4, 5, 3], 'w')])
  const grouped = (x: Tensor, w: Tensor) =>
    convolveGroups(tf, ops, x as Tensor4D, w as Tensor4D, 2, { ...options, stride: 1 })
  await differentiate('groups', grouped, [random([2, 5, 5, 6], 'x'), random([3, 3, 3, 8], 'w')])
  for (const layer of plain)
    for (const side of [6, 7]) {
      const apply = (x: Tensor) => applyPlain(tf, x as Tensor4D, layer)
      await differentiate(`${JSON.stringify(layer)} ${side}`, apply, [random([2, side, side, 4], 'x')])
    }
  return results
}
