import type { Scalar, Tensor } from '@tensorflow/tfjs'
import type { Ops } from './ops.ts'

export type SgdOptions = { momentum: number; nesterov: boolean; weightDecay: number }

/** A parameter and its velocity after a step, and the sum of |gradient|. */
export type Stepped = { weight: Tensor; velocity: Tensor; gradientSum: Scalar }

/** `Ops.sgd` from tfjs's own operations. */
export const portableSgd =
  (tf: typeof import('@tensorflow/tfjs')): Ops['sgd'] =>
  (weight, velocity, gradient, learningRate, { momentum, nesterov, weightDecay }) => {
    const decayed = weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(weight, weightDecay))
    const moved = tf.add(tf.mul(velocity, momentum), decayed)
    const direction = nesterov ? tf.add(decayed, tf.mul(moved, momentum)) : moved
    return {
      weight: tf.sub(weight, tf.mul(direction, learningRate)),
      velocity: moved,
      gradientSum: tf.sum(tf.abs(gradient)) as Scalar
    }
  }
