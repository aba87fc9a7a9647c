import type { Scalar, Tensor2D } from '@tensorflow/tfjs'
import {
  knowledgeDistillationDefaults,
  type KnowledgeDistillationWeights
} from '../../../../src-shared/science/knowledge-distillation.ts'
import type { Ops } from '../../backend/ops/ops.ts'
import { fixedTeacher } from './fixed-teacher.ts'

type Tf = typeof import('@tensorflow/tfjs')

/**
 * The tensor twin of science/knowledge-distillation (Hinton et al. 2015, section 2): logits [N,C] of both networks, the
 * teacher's without gradient, and targets [N,C] of labels. `kl` has its T^2, and neither term its weight.
 */
export function knowledgeDistillationLoss(
  tf: Tf,
  ops: Ops,
  { student, teacher }: { student: Tensor2D; teacher: Tensor2D },
  targets: Tensor2D,
  weights: KnowledgeDistillationWeights = knowledgeDistillationDefaults
): { total: Scalar; crossEntropy: Scalar; kl: Scalar } {
  const { labelWeight, distillWeight, temperature } = weights
  const crossEntropy = ops.softmaxCrossEntropy(student, targets)
  const kl: Scalar = tf.mul(fixedTeacher(tf, ops, teacher, temperature).divergenceTo(student), temperature ** 2)
  return { total: tf.add(tf.mul(crossEntropy, labelWeight), tf.mul(kl, distillWeight)), crossEntropy, kl }
}
