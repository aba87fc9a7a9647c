import type { Scalar, Tensor, Tensor1D } from '@tensorflow/tfjs'

type Tf = typeof import('@tensorflow/tfjs')

/** The factor, and the steps since it last changed: [scale, streak]. */
export type LossScale = Tensor1D

/** Where a run of float16 begins. */
export const initialLossScale: [scale: number, streak: number] = [2 ** 15, 0]

/** After as many good steps the factor doubles. */
const growEvery = 2000
/** Beyond it nothing is gained. */
const largest = 2 ** 24

/** The factor as a scalar. */
export const factorOf = (tf: Tf, scale: LossScale): Scalar => tf.reshape(tf.slice1d(scale, 0, 1), [])

/**
 * Dynamic loss scaling (Micikevicius et al. 2018, section 3.2): small gradients of float16 would be rounded to zero, so
 * they are computed of a larger loss. Where one overflows the step is not taken and the factor is halved.
 */
export function nextLossScale(tf: Tf, scale: LossScale, isGood: Tensor): LossScale {
  const factor = tf.slice1d(scale, 0, 1)
  const streak = tf.add(tf.slice1d(scale, 1, 1), 1)
  const isDue = tf.greaterEqual(streak, growEvery)
  const grown = tf.where(isDue, tf.minimum(tf.mul(factor, 2), largest), factor)
  const halved = tf.maximum(tf.div(factor, 2), 1)
  const good = tf.concat1d([grown as Tensor1D, tf.where(isDue, tf.zerosLike(streak), streak) as Tensor1D])
  const bad = tf.concat1d([halved as Tensor1D, tf.zerosLike(streak) as Tensor1D])
  return tf.where(isGood, good, bad)
}
