import type { Tensor2D } from '@tensorflow/tfjs'

type Tf = typeof import('@tensorflow/tfjs')

/** The tensor twin of science/label-smoothing: one-hot labels [N,C] to (1 - s) onehot + s/C (Szegedy et al. 2016, section 7), s in 0..1; the targets of any `softmaxCrossEntropy`. */
export function smoothLabels(tf: Tf, oneHot: Tensor2D, smoothing: number): Tensor2D {
  if (!(smoothing >= 0 && smoothing <= 1)) throw new RangeError(`Label smoothing is 0 to 1, not ${smoothing}.`)
  return tf.add(tf.mul(oneHot, 1 - smoothing), smoothing / oneHot.shape[1])
}
