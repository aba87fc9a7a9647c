import type { Scalar, Tensor2D, Tensor4D } from '@tensorflow/tfjs'
import {
  attentionTransferDefaults,
  type AttentionTransferWeights
} from '../../../../src-shared/science/attention-transfer.ts'
import type { Ops } from '../../backend/ops/ops.ts'
import { averagePool } from './average-pool.ts'
import { meanSquaredError } from './fitnets-loss.ts'
import { lengthOf } from './length-of.ts'

type Tf = typeof import('@tensorflow/tfjs')

/** The student's logits [N,C]; its maps [N,H,W,C'] and the teacher's, stage by stage. */
export type AttentionTransferTensors = {
  logits: Tensor2D
  stages: readonly { student: Tensor4D; teacher: Tensor4D }[]
}

/** The tensor twin of science's `attentionMap`: [N,H,W,C] to [N,H W]; an all-zero map gives zeros, with gradient zero. */
export function attentionMap(tf: Tf, maps: Tensor4D): Tensor2D {
  const sums = tf.mean(tf.square(maps), 3).reshape([maps.shape[0], -1])
  return tf.div(sums, lengthOf(tf, tf.sum(tf.square(sums), 1, true)))
}

/** The tensor twin of science's `attentionDistance`; the caller stops the teacher's gradient. */
export function attentionDistance(tf: Tf, teacher: Tensor4D, student: Tensor4D): Scalar {
  const height = Math.min(teacher.shape[1], student.shape[1])
  const width = Math.min(teacher.shape[2], student.shape[2])
  const of = (maps: Tensor4D): Tensor2D => attentionMap(tf, averagePool(tf, maps, height, width))
  return meanSquaredError(tf, of(teacher), of(student))
}

/**
 * The tensor twin of science/attention-transfer (Zagoruyko and Komodakis 2017, equation 2, weighted as in RepDistiller); the
 * teacher is without gradient, and neither term has its weight. Throws RangeError for another number of images or no stage.
 */
export function attentionTransferLoss(
  tf: Tf,
  ops: Ops,
  { logits, stages }: AttentionTransferTensors,
  targets: Tensor2D,
  { labelWeight, attentionWeight }: AttentionTransferWeights = attentionTransferDefaults
): { total: Scalar; crossEntropy: Scalar; attention: Scalar[] } {
  if (!stages.length) throw new RangeError('Attention transfer needs the maps of one stage at least.')
  const crossEntropy = ops.softmaxCrossEntropy(logits, targets)
  const attention = stages.map(({ student, teacher }) => attentionDistance(tf, ops.stopGradient(teacher), student))
  const weighted = tf.mul(tf.addN(attention), attentionWeight)
  return { total: tf.add(tf.mul(crossEntropy, labelWeight), weighted), crossEntropy, attention }
}
