import type { Tensor } from '@tensorflow/tfjs'
import type { Tf } from './held.ts'

/** Of an axis `count` positions from `first` on. */
export function part<T extends Tensor>(tf: Tf, x: T, axis: number, first: number, count: number): T {
  if (first === 0 && count === x.shape[axis]) return x
  const begin = x.shape.map(() => 0)
  const size: number[] = [...x.shape]
  begin[axis] = first
  size[axis] = count
  return tf.slice(x as Tensor, begin, size) as T
}

/** Every `step`-th position of an axis, the first one included; made of what every backend has gradients of. */
export function everyNth<T extends Tensor>(tf: Tf, x: T, axis: number, step: number): T {
  if (step === 1) return x
  const length = x.shape[axis]!
  const count = Math.ceil(length / step)
  const before = x.shape.slice(0, axis).reduce((a, b) => a * b, 1)
  const behind = x.shape.slice(axis + 1).reduce((a, b) => a * b, 1)
  const lines = tf.reshape(x as Tensor, [before, length, behind])
  const whole = tf.pad(lines, [
    [0, 0],
    [0, count * step - length],
    [0, 0]
  ])
  const taken = tf.slice(tf.reshape(whole, [before, count, step, behind]), [0, 0, 0, 0], [before, count, 1, behind])
  const shape: number[] = [...x.shape]
  shape[axis] = count
  return tf.reshape(taken, shape) as T
}
