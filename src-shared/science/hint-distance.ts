import type { HintKind } from './distillation-forms.ts'
import { checkSameShape } from './divergence.ts'
import type { Matrix } from './matrix.ts'

/**
 * Distance of two feature matrices N x d (the hint of Romero et al. 2015, equation 3, without its 1/2); feature maps are
 * matrices N x (H W C). `mean-squared`: mean over the rows of the squared L2 distance; `sum-squared`: its sum;
 * `sum-squared-positive`: the sum over entries where either is above 0; `norm`: the root of the sum, unsquared, over the
 * whole batch (PyTorch's `dist`). Throws RangeError for unequal shapes.
 */
export function hintDistance(teacher: Matrix, student: Matrix, kind: HintKind = 'mean-squared'): number {
  checkSameShape(teacher, student)
  const counts = (a: number, b: number): boolean => kind !== 'sum-squared-positive' || a > 0 || b > 0
  let sum = 0
  for (let i = 0; i < teacher.data.length; i++) {
    const [a, b] = [student.data[i]!, teacher.data[i]!]
    if (counts(a, b)) sum += (a - b) ** 2
  }
  if (kind === 'mean-squared') return sum / teacher.rows
  return kind === 'norm' ? Math.sqrt(sum) : sum
}
