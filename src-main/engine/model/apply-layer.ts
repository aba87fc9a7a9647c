import type { Tensor4D } from '@tensorflow/tfjs'
import { windowsOf } from '../../../src-shared/networks/check-spec.ts'
import type { MaxPool, Plain } from './layer.ts'

type Tf = typeof import('@tensorflow/tfjs')

/** A layer without weights, of images [N,H,W,C]. */
export function applyPlain(tf: Tf, x: Tensor4D, layer: Exclude<Plain, { kind: 'relu' }>): Tensor4D {
  switch (layer.kind) {
    case 'sigmoid':
      return tf.sigmoid(x)
    case 'maxPool':
      return maxPool(tf, x, layer)
    case 'averagePool':
      return averagePool(tf, x, layer.kernel)
    case 'relu6':
      return tf.relu6(x)
    case 'adaptiveAverage':
      return adaptiveAverage(tf, adaptiveAverage(tf, x, layer.size, 1), layer.size, 2)
    case 'upsample':
      return upsample(tf, x)
    case 'padChannels':
      return tf.pad4d(x, [
        [0, 0],
        [0, 0],
        [0, 0],
        [layer.before ?? 0, layer.channels - (layer.before ?? 0)]
      ])
  }
}

/** Less than anything that a network computes. */
const lowest = -1e38

/** Windows of which some lie outside are filled with numbers that are no maximum. */
function maxPool(tf: Tf, x: Tensor4D, { kernel, stride, padding, ceil }: MaxPool): Tensor4D {
  const [count, height, width, channels] = x.shape
  const after = (size: number): number =>
    (windowsOf(size, { kernel, stride, padding, ceil }) - 1) * stride + kernel - padding - size
  const [below, right] = [after(height), after(width)]
  // What no window reaches is left out, so that every window is whole.
  const rows = height + Math.min(0, below)
  const columns = width + Math.min(0, right)
  const cut = rows === height && columns === width ? x : tf.slice4d(x, [0, 0, 0, 0], [count, rows, columns, channels])
  const isWhole = padding === 0 && below <= 0 && right <= 0
  const filled = isWhole
    ? cut
    : tf.pad4d(
        cut,
        [
          [0, 0],
          [padding, Math.max(0, below)],
          [padding, Math.max(0, right)],
          [0, 0]
        ],
        lowest
      )
  return tf.maxPool(filled, kernel, stride, 'valid')
}

/** Means of windows side by side, as means over axes of their own: every backend has their gradients. */
function averagePool(tf: Tf, x: Tensor4D, kernel: number): Tensor4D {
  const [count, height, width, channels] = x.shape
  const [rows, columns] = [Math.floor(height / kernel), Math.floor(width / kernel)]
  const cut =
    rows * kernel === height && columns * kernel === width
      ? x
      : tf.slice4d(x, [0, 0, 0, 0], [count, rows * kernel, columns * kernel, channels])
  return tf.mean(tf.reshape(cut, [count, rows, kernel, columns, kernel, channels]), [2, 4])
}

/** Means along an axis; windows overlap where its length is no multiple of `size`. */
function adaptiveAverage(tf: Tf, x: Tensor4D, size: number, axis: 1 | 2): Tensor4D {
  const length = x.shape[axis]
  if (length === size) return x
  const parts = Array.from({ length: size }, (_, index) => {
    const start = Math.floor((index * length) / size)
    const begin = [0, 0, 0, 0]
    const lengths: number[] = [...x.shape]
    begin[axis] = start
    lengths[axis] = Math.ceil(((index + 1) * length) / size) - start
    return tf.mean(tf.slice(x, begin, lengths), axis, true)
  })
  return tf.concat(parts, axis) as Tensor4D
}

/**
 * Twice the size, bilinear with half-pixel centres as PyTorch's nn.Upsample(scale_factor=2): new pixels lie a quarter from
 * an old one. By hand, for the gradient of tfjs's resizing with these centres is wrong.
 */
const upsample = (tf: Tf, x: Tensor4D): Tensor4D => double(tf, double(tf, x, 1), 2)

function double(tf: Tf, x: Tensor4D, axis: 1 | 2): Tensor4D {
  const size = x.shape[axis]
  const part = (from: number, length: number): Tensor4D => {
    const begin = [0, 0, 0, 0]
    const lengths: number[] = [...x.shape]
    begin[axis] = from
    lengths[axis] = length
    return tf.slice(x, begin, lengths)
  }
  const before = tf.concat([part(0, 1), part(0, size - 1)], axis)
  const after = tf.concat([part(1, size - 1), part(size - 1, 1)], axis)
  const mostly = tf.mul(x, 0.75)
  const pairs = [before, after].map((neighbour) => tf.add(mostly, tf.mul(neighbour, 0.25)))
  const shape: number[] = [...x.shape]
  shape[axis] = 2 * size
  return tf.reshape(tf.stack(pairs, axis + 1), shape as [number, number, number, number])
}
