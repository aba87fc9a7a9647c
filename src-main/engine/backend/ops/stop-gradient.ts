import type { Tensor } from '@tensorflow/tfjs'
import type { Ops } from './ops.ts'

/** Identity forward, zero backward. */
export const stopGradient =
  (tf: typeof import('@tensorflow/tfjs')): Ops['stopGradient'] =>
  <T extends Tensor>(x: T): T =>
    tf.customGrad((...args: unknown[]) => ({
      value: tf.clone(args[0] as Tensor),
      gradFunc: (dy: Tensor) => [tf.zerosLike(dy)]
    }))(x) as T
