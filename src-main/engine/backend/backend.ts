import type { BackendName, Executor } from '../../../src-shared/contract.ts'
import type { Precision } from '../../../src-shared/run-config.ts'

export type Tfjs = typeof import('@tensorflow/tfjs')

/** A device that computes tensors, opened and checked; a process has one. */
export type Backend = {
  name: BackendName
  /** For instance `CPU (oneDNN)` or the GPU's name. */
  device: string
  /** Version of the library that computes: TensorFlow's for native, the tfjs package's otherwise. */
  version: string
  /** tfjs with this backend set. */
  tf: Tfjs
  isNative: boolean
  /** How compiled functions are run, where nothing else is asked for. */
  executor: Executor
  /** What it can compute convolutions and products in, and what it does. */
  precisions: readonly Precision[]
  precision: Precision
  /** Threads that compute one operation. */
  threads: number
  /** Number of live tensors: TensorFlow's own count on native, tfjs's otherwise. */
  tensorCount(): number
  /** One sentence on why no better backend is used or what to know about this one; may be empty. */
  reason: string
}

/** Throws if a small convolution on the current backend of `tf` does not give the known result. */
export async function checkConvolution(tf: Tfjs): Promise<void> {
  const image = Float32Array.from({ length: 25 }, (_, index) => (index * 7) % 11)
  const kernel = [1, -2, 3, 0.5]
  const expected: number[] = []
  for (let row = 0; row < 4; row++) {
    for (let column = 0; column < 4; column++) {
      const at = row * 5 + column
      const corners = [image[at]!, image[at + 1]!, image[at + 5]!, image[at + 6]!]
      expected.push(corners.reduce((sum, value, index) => sum + value * kernel[index]!, 0))
    }
  }
  const result = tf.tidy(() =>
    tf.conv2d(tf.tensor4d(image, [1, 5, 5, 1]), tf.tensor4d(kernel, [2, 2, 1, 1]), 1, 'valid')
  )
  const values = await result.data()
  result.dispose()
  if (!expected.every((value, index) => Math.abs(value - values[index]!) < 1e-4)) {
    throw new Error('a convolution gives a wrong result')
  }
}
