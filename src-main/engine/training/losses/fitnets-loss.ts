import type { Scalar, Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs'
import { fitnetsDefaults, type FitnetsWeights } from '../../../../src-shared/science/fitnets-loss.ts'
import type { Ops } from '../../backend/ops/ops.ts'
import { checkShapes } from './check-shapes.ts'

type Tf = typeof import('@tensorflow/tfjs')

/** The student's logits [N,C]; its middle map after the regressor beside the teacher's, both [N,H,W,C']. */
export type FitnetsTensors = { logits: Tensor2D; regressed: Tensor4D; teacherMap: Tensor4D }

/** Mean over all elements of the squared difference; throws RangeError for unequal shapes. */
export function meanSquaredError(tf: Tf, teacher: Tensor, student: Tensor): Scalar {
  checkShapes('map', teacher, student)
  return tf.mean(tf.squaredDifference(student, teacher))
}

/**
 * The tensor twin of science/fitnets-loss (Romero et al. 2015, equation 3, weighted as in RepDistiller); the teacher's map is
 * without gradient, and neither term has its weight. Throws RangeError where the maps have unequal shapes.
 */
export function fitnetsLoss(
  tf: Tf,
  ops: Ops,
  { logits, regressed, teacherMap }: FitnetsTensors,
  targets: Tensor2D,
  { labelWeight, hintWeight }: FitnetsWeights = fitnetsDefaults
): { total: Scalar; crossEntropy: Scalar; hint: Scalar } {
  const crossEntropy = ops.softmaxCrossEntropy(logits, targets)
  const hint = meanSquaredError(tf, ops.stopGradient(teacherMap), regressed)
  return { total: tf.add(tf.mul(crossEntropy, labelWeight), tf.mul(hint, hintWeight)), crossEntropy, hint }
}
