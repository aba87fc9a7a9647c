import { softenedDivergence } from './divergence.ts'
import type { Matrix } from './matrix.ts'
import { crossEntropy } from './softmax.ts'

/** Weights of the terms, and the temperature of both softmaxes in the second. */
export type KnowledgeDistillationWeights = { labelWeight: number; distillWeight: number; temperature: number }

/** Starting values of github.com/HobbitLong/RepDistiller (its README's command for KD, and `--kd_T`). */
export const knowledgeDistillationDefaults: KnowledgeDistillationWeights = {
  labelWeight: 0.1,
  distillWeight: 0.9,
  temperature: 4
}

/** Student's and teacher's logits N x C, the teacher fixed, and N labels. */
export type KnowledgeDistillationInput = { student: Matrix; teacher: Matrix; labels: ArrayLike<number> }

/**
 * Loss of knowledge distillation (Hinton et al. 2015, section 2): labelWeight CE(student, labels) + distillWeight T^2
 * KL(softmax(teacher/T) || softmax(student/T)), means over the batch. `kl` has its T^2, and neither term its weight; throws
 * RangeError where shapes or labels do not fit.
 */
export function knowledgeDistillationLoss(
  { student, teacher, labels }: KnowledgeDistillationInput,
  { labelWeight, distillWeight, temperature } = knowledgeDistillationDefaults
): { total: number; crossEntropy: number; kl: number } {
  const ce = crossEntropy(student, labels)
  const kl = softenedDivergence(teacher, student, temperature)
  return { total: labelWeight * ce + distillWeight * kl, crossEntropy: ce, kl }
}
