import { distillationForms } from './distillation-forms.ts'
import { divergence, meanEntropy } from './divergence.ts'
import { hintDistance } from './hint-distance.ts'
import type { Matrix } from './matrix.ts'
import { crossEntropy } from './softmax.ts'
import { termWeights, type DistillationChoice, type TermWeights } from './term-weights.ts'

export {
  defaultLambda,
  distillationForms,
  presetDistillation,
  presetNames,
  type DistillationForm,
  type FormHeads,
  type HintKind,
  type PresetName
} from './distillation-forms.ts'
export { softenedDivergence } from './divergence.ts'
export { hintDistance } from './hint-distance.ts'
export { termWeights, type DistillationChoice, type TermWeights } from './term-weights.ts'

/**
 * Terms before weighting: `crossEntropy` per exit; `kl` (with its T^2, where the form has it) and `hint` per shallow exit,
 * also where its weight is 0; `total` after weighting.
 */
export type LossTerms = {
  total: number
  crossEntropy: number[]
  kl: number[]
  hint: number[]
  /** Mean entropy of the softened teacher times KL's factor, in nats: present where the total counts it. */
  teacherEntropy?: number
}

/** What a hint compares: pooled features, or the maps before pooling. */
export type HintOn = 'features' | 'maps'

/** What a loss is computed from, exits from shallow to deepest. */
export type LossInput = {
  /** N x C of each exit. */
  logits: readonly Matrix[]
  /** Pooled features N x d of each exit; those of shallow exits after the adapter, where a form has one. */
  features: readonly Matrix[]
  /** N of 0 .. C - 1. */
  labels: ArrayLike<number>
  /** Maps of each exit's head before pooling, N x (H W C): needed with `hintOn: 'maps'`. */
  maps?: readonly Matrix[] | undefined
  /** Default: features. */
  hintOn?: HintOn | undefined
}

/** Weights of `autodidact-default`: alpha of KL (1 - alpha of shallow cross entropy), lambda of the hint, temperature of KL. */
export type LossWeights = Pick<DistillationChoice, 'alpha' | 'lambda' | 'temperature'>

/**
 * Loss of 'Be Your Own Teacher' (Zhang et al. 2019, section 3.2), the deepest exit K as teacher: sum over exits of label_k
 * CE_k + distill_k klFactor KL(q_K || q_k) + hint_k hint(F_k, F_K) with the weights of `termWeights`. With alpha, lambda and
 * temperature alone it is `autodidact-default`; throws RangeError where shapes, labels or weights do not fit.
 */
export function distillationLoss(input: LossInput & DistillationChoice): LossTerms {
  return weightedDistillationLoss(input, termWeights(input, input.logits.length || 1))
}

/** The same with weights already resolved; throws RangeError where shapes, labels or weights do not fit. */
export function weightedDistillationLoss(input: LossInput, weights: TermWeights): LossTerms {
  const { logits, labels, hintOn = 'features' } = input
  const teacher = deepest(logits, 'logits')
  const compared = hintOn === 'maps' ? (input.maps ?? []) : input.features
  const teacherHint = deepest(compared, hintOn)
  if (compared.length !== logits.length) {
    throw new RangeError(`${titles[hintOn]} of ${compared.length} exits beside logits of ${logits.length}.`)
  }
  const { temperature, klFactor } = weights
  const ce = logits.map((exit) => crossEntropy(exit, labels))
  const kl = logits.slice(0, -1).map((exit) => divergence(teacher, exit, temperature) * klFactor)
  const hint = compared.slice(0, -1).map((exit) => hintDistance(teacherHint, exit, weights.hintKind))
  const total = dot(ce, weights.label) + dot(kl, weights.distill) + dot(hint, weights.hint)
  if (!weights.softCrossEntropy) return { total, crossEntropy: ce, kl, hint }
  const teacherEntropy = meanEntropy(teacher, temperature) * klFactor
  return { total: total + sumOf(weights.distill) * teacherEntropy, crossEntropy: ce, kl, hint, teacherEntropy }
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

/** Weights of the preset `autodidact-default` for a deepest exit with so many features. */
export const defaultDistillation = (dimensions: number) => {
  const { alpha, lambda, temperature } = distillationForms['autodidact-default']
  return { alpha, lambda: lambda(dimensions), temperature }
}

const titles = { features: 'Features', maps: 'Maps' }

function deepest(exits: readonly Matrix[], what: string): Matrix {
  const last = exits.at(-1)
  if (last === undefined) throw new RangeError(`A loss needs the ${what} of one exit at least.`)
  return last
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

function dot(terms: readonly number[], weights: readonly number[]): number {
  return terms.reduce((sum, term, index) => sum + term * weights[index]!, 0)
}
