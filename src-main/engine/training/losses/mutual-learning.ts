import type { Scalar, Tensor2D } from '@tensorflow/tfjs'
import type { Ops } from '../../backend/ops/ops.ts'
import { fixedTeacher } from './fixed-teacher.ts'

type Tf = typeof import('@tensorflow/tfjs')

/**
 * The tensor twin of science/mutual-learning (Zhang et al. 2018, section 3): logits [N,C] of two students at least,
 * each taught by its peers, who are without gradient, so that the gradient of `total` is each student's own. Throws
 * RangeError for fewer students.
 */
export function mutualLearningLoss(
  tf: Tf,
  ops: Ops,
  students: readonly Tensor2D[],
  targets: Tensor2D,
  { weight, temperature }: { weight: number; temperature: number } = { weight: 1, temperature: 1 }
): { total: Scalar; crossEntropy: Scalar[]; kl: Scalar[] } {
  const peers = students.length - 1
  if (peers < 1) throw new RangeError(`Mutual learning needs two students at least, not ${students.length}.`)
  const crossEntropy = students.map((student) => ops.softmaxCrossEntropy(student, targets))
  const teachers = students.map((student) => fixedTeacher(tf, ops, student, temperature))
  const kl = students.map((student, index): Scalar => {
    const divergences = teachers.filter((_, peer) => peer !== index).map((teacher) => teacher.divergenceTo(student))
    return tf.mul(tf.addN(divergences), temperature ** 2 / peers)
  })
  return { total: tf.add(tf.addN(crossEntropy), tf.mul(tf.addN(kl), weight)), crossEntropy, kl }
}
