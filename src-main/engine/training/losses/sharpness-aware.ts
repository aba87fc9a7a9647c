import type { Tensor } from '@tensorflow/tfjs'
import { lengthOf } from './length-of.ts'

type Tf = typeof import('@tensorflow/tfjs')

/** The tensor twin of science/sharpness-aware: rho g/||g||_2 for every gradient, the norm over all of them (Foret et al. 2021, equation 2 with p = 2); one gradient at least. */
export function sharpnessPerturbations(tf: Tf, gradients: readonly Tensor[], rho: number): Tensor[] {
  const squares = tf.addN(gradients.map((gradient) => tf.sum(tf.square(gradient))))
  const scale = tf.div(rho, lengthOf(tf, squares))
  return gradients.map((gradient) => tf.mul(gradient, scale))
}
