import type { Scalar, Tensor2D } from '@tensorflow/tfjs'
import type { Ops } from '../../backend/ops/ops.ts'

type Tf = typeof import('@tensorflow/tfjs')

/** A teacher's softened probabilities, without gradient. */
export type FixedTeacher = {
  /** Mean entropy over the batch, in nats. */
  entropy: Scalar
  /** Mean over the batch of KL(softmax(teacher/T) || softmax(student/T)), student's logits [N,C]. */
  divergenceTo(student: Tensor2D): Scalar
}

/** The tensor twin of science/divergence, logits [N,C]: KL as soft cross entropy less the teacher's entropy. */
export function fixedTeacher(tf: Tf, ops: Ops, logits: Tensor2D, temperature = 1): FixedTeacher {
  const softened = tf.div(ops.stopGradient(logits), temperature)
  const probabilities = tf.softmax(softened) as Tensor2D
  const entropy = tf.neg(tf.mean(tf.sum(tf.mul(probabilities, tf.logSoftmax(softened)), 1))) as Scalar
  return {
    entropy,
    divergenceTo: (student) =>
      tf.sub(ops.softmaxCrossEntropy(tf.div(student, temperature), probabilities), entropy) as Scalar
  }
}
