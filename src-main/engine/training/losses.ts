import type { Scalar, Tensor2D } from '@tensorflow/tfjs'
import type { Distillation, MethodName } from '../../../src-shared/run-config.ts'
import type { Ops } from '../backend/ops/ops.ts'
import type { ExitOutput } from '../model/forward.ts'

type Tf = typeof import('@tensorflow/tfjs')

/** A method and the weights of its terms. */
export type Objective = { method: MethodName; distillation: Distillation }

/** Terms before weighting, shallowest exit first (kl and hint of the shallow exits only), and what is minimised. */
export type Losses = { total: Scalar; crossEntropy: Scalar[]; kl: Scalar[]; hint: Scalar[] }

/**
 * The tensor twin of science/distillation-loss: the three sources of 'Be Your Own Teacher' (Zhang et al. 2019, section
 * 3), the deepest exit as teacher without gradient. `targets` [N,C] are one-hot labels.
 */
export function computeLosses(
  tf: Tf,
  ops: Ops,
  outputs: ExitOutput[],
  targets: Tensor2D,
  { method, distillation }: Objective
): Losses {
  const crossEntropy = outputs.map(({ logits }) => ops.softmaxCrossEntropy(logits, targets))
  const sum = (terms: Scalar[]): Scalar => (terms.length ? (tf.addN(terms) as Scalar) : tf.scalar(0))
  const deepest = outputs.at(-1)!
  const shallow = outputs.slice(0, -1)
  const deepestLoss = crossEntropy.at(-1)!
  if (method === 'baseline' || !shallow.length) return { total: deepestLoss, crossEntropy, kl: [], hint: [] }
  if (method === 'deep-supervision') return { total: sum(crossEntropy), crossEntropy, kl: [], hint: [] }

  const { alpha, lambda, temperature } = distillation
  const teacherFeatures = ops.stopGradient(deepest.features)
  const softened = tf.div(ops.stopGradient(deepest.logits), temperature)
  const teacher = tf.softmax(softened) as Tensor2D
  const entropy = tf.neg(tf.mean(tf.sum(tf.mul(teacher, tf.logSoftmax(softened)), 1)))
  const squared = temperature ** 2
  const kl = shallow.map(({ logits }) => {
    const soft = ops.softmaxCrossEntropy(tf.div(logits, temperature), teacher)
    return tf.mul(tf.sub(soft, entropy), squared) as Scalar
  })
  const hint = shallow.map(
    ({ features }) => tf.mean(tf.sum(tf.squaredDifference(features, teacherFeatures), 1)) as Scalar
  )
  const total = tf.addN([
    deepestLoss,
    tf.mul(sum(crossEntropy.slice(0, -1)), 1 - alpha),
    tf.mul(sum(kl), alpha),
    tf.mul(sum(hint), lambda)
  ]) as Scalar
  return { total, crossEntropy, kl, hint }
}
