import type { Tensor4D } from '@tensorflow/tfjs'

/** NHWC images with `by` zero pixels added on every side. */
export function padImage(tf: typeof import('@tensorflow/tfjs'), x: Tensor4D, by: number): Tensor4D {
  if (by === 0) return x
  const side: [number, number] = [by, by]
  return tf.pad4d(x, [[0, 0], side, side, [0, 0]])
}
