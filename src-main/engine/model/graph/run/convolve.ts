import type { Tensor, Tensor4D } from '@tensorflow/tfjs'
import type { Ops } from '../../../backend/ops/ops.ts'
import { convolveGroups } from '../../grouped-convolution.ts'
import type { Operation, Pads } from '../graph.ts'
import type { Tf } from './held.ts'
import { everyNth } from './take.ts'

type Convolution = Extract<Operation, { op: 'convolution' }>
type Transposed = Extract<Operation, { op: 'transposedConvolution' }>

/** A convolution of images, weight [kh,kw,in / groups,out]. */
export function convolve(
  tf: Tf,
  ops: Ops,
  x: Tensor4D,
  weight: Tensor4D,
  { strides, pads, dilations, groups }: Convolution,
  needsInputGradient: boolean
): Tensor4D {
  const filters = spread(tf, weight, dilations)
  const padding = evenPadding(pads)
  const padded = padding === null ? padImages(tf, x, pads) : x
  // No backend has the gradients of uneven strides.
  const [rows, columns] = strides
  const stride = rows === columns ? rows : 1
  const options = { stride, padding: padding ?? 0, needsInputGradient }
  const y = convolveGroups(tf, ops, padded, filters, groups, options)
  return rows === columns ? y : everyNth(tf, everyNth(tf, y, 1, rows), 2, columns)
}

/** The padding that is the same on all sides; null where there is none. */
const evenPadding = ({ top, bottom, left, right }: Pads): number | null =>
  top === bottom && top === left && top === right ? top : null

/** Images with `value` around them. */
export const padImages = (tf: Tf, x: Tensor4D, { top, bottom, left, right }: Pads, value = 0): Tensor4D =>
  tf.pad4d(
    x,
    [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0]
    ],
    value
  )

/**
 * A kernel with holes as a larger one with zeros, [kh,kw,in,out]: TensorFlow's CPU kernels have no gradients of those with
 * holes.
 */
function spread(tf: Tf, weight: Tensor4D, [rows, columns]: readonly [number, number]): Tensor4D {
  const along = (x: Tensor4D, axis: 0 | 1, step: number): Tensor4D => {
    if (step === 1 || x.shape[axis] === 1) return x
    const [height, width, each, out] = x.shape
    // The entries, each followed by its zeros; those behind the last one are cut off.
    const lines: [number, number, number] = axis === 0 ? [1, height, width * each * out] : [height, width, each * out]
    const apart = tf.pad(tf.reshape(x, [lines[0], lines[1], 1, lines[2]]), [
      [0, 0],
      [0, 0],
      [0, step - 1],
      [0, 0]
    ])
    const flat = tf.reshape(apart, [lines[0], lines[1] * step, lines[2]])
    const cut = tf.slice(flat, [0, 0, 0], [lines[0], (lines[1] - 1) * step + 1, lines[2]])
    const shape: [number, number, number, number] = [height, width, each, out]
    shape[axis] = (lines[1] - 1) * step + 1
    return tf.reshape(cut, shape)
  }
  return along(along(weight, 0, rows), 1, columns)
}

/** PyTorch's ConvTranspose2d without its bias, weight [kh,kw,out,in]. */
export function convolveBack(
  tf: Tf,
  ops: Ops,
  x: Tensor4D,
  weight: Tensor4D,
  { strides, pads, outputPads }: Transposed
): Tensor4D {
  const whole: Tensor = ops.transposedConv2d(x, weight, { stride: strides[0], padding: 0, needsInputGradient: true })
  const [count, height, width, channels] = whole.shape as [number, number, number, number]
  const [bottom, right] = [outputPads[0] - pads.bottom, outputPads[1] - pads.right]
  const cut = tf.slice4d(
    whole as Tensor4D,
    [0, pads.top, pads.left, 0],
    [count, height - pads.top + Math.min(0, bottom), width - pads.left + Math.min(0, right), channels]
  )
  if (bottom <= 0 && right <= 0) return cut
  return padImages(tf, cut, { top: 0, bottom: Math.max(0, bottom), left: 0, right: Math.max(0, right) })
}
