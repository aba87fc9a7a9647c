import { checkSameShape } from './divergence.ts'
import type { Matrix } from './matrix.ts'
import { crossEntropy } from './softmax.ts'

/** Weights of the two terms. */
export type FitnetsWeights = { labelWeight: number; hintWeight: number }

/** Starting values of github.com/HobbitLong/RepDistiller (its README's command for FitNet: `-a 0 -b 100`). */
export const fitnetsDefaults: FitnetsWeights = { labelWeight: 1, hintWeight: 100 }

/** The student's logits N x C and N labels; its middle map after the regressor beside the teacher's, both N x (H W C). */
export type FitnetsInput = { logits: Matrix; labels: ArrayLike<number>; regressed: Matrix; teacherMap: Matrix }

/** Mean over all elements of the squared difference of two matrices; NaN without elements; throws RangeError for unequal shapes. */
export function meanSquaredError(teacher: Matrix, student: Matrix): number {
  checkSameShape(teacher, student, "the teacher's")
  let sum = 0
  for (let i = 0; i < teacher.data.length; i++) sum += (student.data[i]! - teacher.data[i]!) ** 2
  return sum / teacher.data.length
}

/**
 * Loss of FitNets (Romero et al. 2015, equation 3) in one stage, as in RepDistiller: labelWeight CE + hintWeight times the
 * mean over all elements of (regressed - teacher)^2, where the paper has 1/2 of the sum and trains the hint first. Neither
 * term has its weight; throws RangeError where shapes or labels do not fit.
 */
export function fitnetsLoss(
  { logits, labels, regressed, teacherMap }: FitnetsInput,
  { labelWeight, hintWeight } = fitnetsDefaults
): { total: number; crossEntropy: number; hint: number } {
  const ce = crossEntropy(logits, labels)
  const hint = meanSquaredError(teacherMap, regressed)
  return { total: labelWeight * ce + hintWeight * hint, crossEntropy: ce, hint }
}
