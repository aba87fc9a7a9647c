import type { Tensor4D } from '@tensorflow/tfjs'
import type { Operation, Pads } from '../graph.ts'
import { bothAxes, countWindows, type Along } from '../windows.ts'
import { padImages } from './convolve.ts'
import type { Tf } from './held.ts'
import { part } from './take.ts'

type MaxPool = Extract<Operation, { op: 'maxPool' }>
type AveragePool = Extract<Operation, { op: 'averagePool' }>

/** Less than anything that a network computes. */
const lowest = -1e38

/** The largest of each window. */
export function maxPool(tf: Tf, x: Tensor4D, pool: MaxPool): Tensor4D {
  return tf.maxPool(fit(tf, x, pool, lowest), pool.kernel, pool.strides, 'valid')
}

/** The mean of each window. */
export function averagePool(tf: Tf, x: Tensor4D, pool: AveragePool): Tensor4D {
  const [rows, columns] = bothAxes(pool)
  const [, height, width] = x.shape
  const fitted = fit(tf, x, pool, 0)
  const means = isBeside(pool)
    ? sideBySide(tf, fitted, pool.kernel)
    : tf.avgPool(fitted, pool.kernel, pool.strides, 'valid')
  const [high, wide] = [shares(height, rows, pool.countsPads), shares(width, columns, pool.countsPads)]
  if ([...high, ...wide].every((share) => share === 1)) return means
  const factors = Float32Array.from(high.flatMap((row) => wide.map((column) => row * column)))
  return tf.mul(means, tf.tensor4d(factors, [1, high.length, wide.length, 1]))
}

const isBeside = ({ kernel, strides }: AveragePool): boolean => kernel[0] === strides[0] && kernel[1] === strides[1]

/** As means over axes of their own: every backend has their gradients. */
function sideBySide(tf: Tf, x: Tensor4D, [rows, columns]: readonly [number, number]): Tensor4D {
  const [count, height, width, channels] = x.shape
  return tf.mean(tf.reshape(x, [count, height / rows, rows, width / columns, columns, channels]), [2, 4])
}

/** Per window the kernel's length over the positions that count in its mean. */
function shares(size: number, along: Along, countsPads: boolean): number[] {
  const { kernel, stride, before, after } = along
  const [from, to] = countsPads ? [-before, size + after] : [0, size]
  return Array.from({ length: countWindows(size, along) }, (_, index) => {
    const start = index * stride - before
    return kernel / (Math.min(start + kernel, to) - Math.max(start, from))
  })
}

/** Images with `value` around them, so that every window is whole and none is left over. */
function fit(tf: Tf, x: Tensor4D, pool: MaxPool | AveragePool, value: number): Tensor4D {
  const [rows, columns] = bothAxes(pool)
  const behind = (size: number, along: Along): number =>
    (countWindows(size, along) - 1) * along.stride + along.kernel - along.before - size
  const [bottom, right] = [behind(x.shape[1], rows), behind(x.shape[2], columns)]
  const cut = part(tf, part(tf, x, 1, 0, x.shape[1] + Math.min(0, bottom)), 2, 0, x.shape[2] + Math.min(0, right))
  const pads: Pads = { top: rows.before, left: columns.before, bottom: Math.max(0, bottom), right: Math.max(0, right) }
  return Object.values(pads).every((pad) => pad === 0) ? cut : padImages(tf, cut, pads, value)
}
