import type { Scalar, Tensor } from '@tensorflow/tfjs'

type Tf = typeof import('@tensorflow/tfjs')

export type SgdOptions = { momentum: number; nesterov: boolean; weightDecay: number }

/**
 * One parameter's step of stochastic gradient descent with momentum, PyTorch's form (Sutskever et al. 2013 without
 * dampening): d = g + weightDecay w; v' = momentum v + d; w' = w - lr (nesterov ? d + momentum v' : v').
 */
export function sgdUpdate(
  tf: Tf,
  weight: Tensor,
  velocity: Tensor,
  gradient: Tensor,
  learningRate: Scalar,
  { momentum, nesterov, weightDecay }: SgdOptions
): { weight: Tensor; velocity: Tensor } {
  const decayed = weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(weight, weightDecay))
  const moved = tf.add(tf.mul(velocity, momentum), decayed)
  const direction = nesterov ? tf.add(decayed, tf.mul(moved, momentum)) : moved
  return { weight: tf.sub(weight, tf.mul(direction, learningRate)), velocity: moved }
}
