import { rowOf, type Matrix } from './matrix.ts'
import { crossEntropy, logSoftmax } from './softmax.ts'

/** Terms before weighting: `crossEntropy` per exit; `kl` (with its T^2) and `hint` per shallow exit; `total` after weighting. */
export type LossTerms = { total: number; crossEntropy: number[]; kl: number[]; hint: number[] }

/** What a loss is computed from, exits from shallow to deepest: logits N x C and pooled features N x d of each, and N labels. */
export type LossInput = { logits: readonly Matrix[]; features: readonly Matrix[]; labels: ArrayLike<number> }

/** Weights of `autodidact-default`: alpha of KL (1 - alpha of shallow cross entropy), lambda of the hint, temperature of KL. */
export type LossWeights = { alpha: number; lambda: number; temperature: number }

/** Default weight of the hint for features of that many dimensions: 0.03 x 64 / dimensions. */
export function defaultLambda(dimensions: number): number {
  return (0.03 * 64) / dimensions
}

/** Mean over the rows of KL(softmax(teacher/T) || softmax(student/T)) times T^2 (Hinton et al. 2015, section 2); throws RangeError for unequal shapes. */
export function softenedDivergence(teacher: Matrix, student: Matrix, temperature: number): number {
  checkShapes(teacher, student)
  let sum = 0
  for (let i = 0; i < teacher.rows; i++) {
    const p = logSoftmax(rowOf(teacher, i), temperature)
    const q = logSoftmax(rowOf(student, i), temperature)
    // A probability of zero adds nothing, whatever the student says.
    for (let k = 0; k < p.length; k++) if (p[k] !== -Infinity) sum += Math.exp(p[k]!) * (p[k]! - q[k]!)
  }
  return (sum / teacher.rows) * temperature ** 2
}

/** Mean over the rows of the squared L2 distance of two feature matrices (the hint of Romero et al. 2015); throws RangeError for unequal shapes. */
export function hintDistance(teacher: Matrix, student: Matrix): number {
  checkShapes(teacher, student)
  let sum = 0
  for (let i = 0; i < teacher.data.length; i++) sum += (student.data[i]! - teacher.data[i]!) ** 2
  return sum / teacher.rows
}

/**
 * Loss of 'Be Your Own Teacher' (Zhang et al. 2019, section 3.2) with the weights of `autodidact-default`:
 * CE_K + sum over k < K of (1 - alpha) CE_k + alpha T^2 KL(q_K || q_k) + lambda ||F_k - F_K||^2, the deepest exit K as
 * teacher; throws RangeError where shapes or labels do not fit.
 */
export function distillationLoss(input: LossInput & LossWeights): LossTerms {
  const { logits, features, labels, alpha, lambda, temperature } = input
  const teacher = deepest(logits, 'logits')
  const teacherFeatures = deepest(features, 'features')
  if (features.length !== logits.length) {
    throw new RangeError(`Features of ${features.length} exits beside logits of ${logits.length}.`)
  }
  const ce = logits.map((exit) => crossEntropy(exit, labels))
  const kl = logits.slice(0, -1).map((exit) => softenedDivergence(teacher, exit, temperature))
  const hint = features.slice(0, -1).map((exit) => hintDistance(teacherFeatures, exit))
  const total = ce.at(-1)! + (1 - alpha) * sumOf(ce.slice(0, -1)) + alpha * sumOf(kl) + lambda * sumOf(hint)
  return { total, crossEntropy: ce, kl, hint }
}

/** Loss of deeply-supervised nets (Lee et al. 2015): the sum of every exit's cross entropy; `kl` and `hint` are empty; throws RangeError where labels do not fit. */
export function deepSupervisionLoss({ logits, labels }: Pick<LossInput, 'logits' | 'labels'>): LossTerms {
  deepest(logits, 'logits')
  const ce = logits.map((exit) => crossEntropy(exit, labels))
  return { total: sumOf(ce), crossEntropy: ce, kl: [], hint: [] }
}

/** Loss of the baseline: the deepest exit's cross entropy alone, though every exit's is listed; `kl` and `hint` are empty; throws RangeError where labels do not fit. */
export function baselineLoss({ logits, labels }: Pick<LossInput, 'logits' | 'labels'>): LossTerms {
  deepest(logits, 'logits')
  const ce = logits.map((exit) => crossEntropy(exit, labels))
  return { total: ce.at(-1)!, crossEntropy: ce, kl: [], hint: [] }
}

function deepest(exits: readonly Matrix[], what: string): Matrix {
  const last = exits.at(-1)
  if (last === undefined) throw new RangeError(`A loss needs the ${what} of one exit at least.`)
  return last
}

function checkShapes(a: Matrix, b: Matrix): void {
  if (a.rows !== b.rows || a.columns !== b.columns) {
    throw new RangeError(`${b.rows} x ${b.columns} values beside the deepest exit's ${a.rows} x ${a.columns}.`)
  }
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

/** Weights of the preset `autodidact-default` for a deepest exit with so many features. */
export const defaultDistillation = (dimensions: number) => ({
  alpha: 0.3,
  lambda: defaultLambda(dimensions),
  temperature: 3
})
