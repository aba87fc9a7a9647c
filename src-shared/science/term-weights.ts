import { distillationForms, type HintKind, type PresetName } from './distillation-forms.ts'

/** What decides the self-distillation loss; without `form` it is `autodidact-default`. */
export type DistillationChoice = {
  /** Weight of distillationLoss at every shallow exit; labelLoss gets 1 - alpha. */
  alpha: number
  /** Weight of hintLoss at every shallow exit that the form does not leave out. */
  lambda: number
  temperature: number
  form?: PresetName | undefined
  /** Weight of labelLoss per exit, shallowest first, in place of the form's. */
  labelWeights?: readonly number[] | undefined
  /** Weight of distillationLoss per exit in place of alpha; the deepest's is 0. */
  distillWeights?: readonly number[] | undefined
  /** Weight of hintLoss per exit in place of lambda; the deepest's is 0. */
  hintWeights?: readonly number[] | undefined
}

/** The weight of every term, as vectors over the exits from shallow to deepest, and how the terms are computed. */
export type TermWeights = {
  label: number[]
  /** The deepest exit's is 0: it is the teacher. */
  distill: number[]
  /** The deepest exit's is 0. */
  hint: number[]
  temperature: number
  /** What multiplies KL and the teacher's entropy: temperature^2 or 1. */
  klFactor: number
  hintKind: HintKind
  /** Whether the total counts KL plus the teacher's entropy in place of KL. */
  softCrossEntropy: boolean
}

/**
 * The weights for a network of so many exits: total = sum_k label_k CE_k + distill_k klFactor KL(q_K || q_k) + hint_k
 * hint(F_k, F_K) (Zhang et al. 2019, section 3.2, with a weight per exit). Throws RangeError where a vector does not have
 * one weight per exit, or gives the deepest exit a weight for learning from itself.
 */
export function termWeights(distillation: DistillationChoice, exits: number): TermWeights {
  if (!(Number.isInteger(exits) && exits > 0)) throw new RangeError(`A network has one exit at least, not ${exits}.`)
  const { alpha, lambda, temperature, labelWeights, distillWeights, hintWeights } = distillation
  const form = distillationForms[distillation.form ?? 'autodidact-default']
  const skipped = form.hintSkips(exits)
  const perExit = (weightOf: (exitIndex: number) => number, deepest: number): number[] =>
    Array.from({ length: exits }, (_, exitIndex) => (exitIndex === exits - 1 ? deepest : weightOf(exitIndex)))
  return {
    label: labelWeights
      ? checkLength('labelWeights', labelWeights, exits)
      : perExit(() => 1 - alpha, form.deepestLabelWeight === 'one' ? 1 : 1 - alpha),
    distill: distillWeights ? checkTaught('distillWeights', distillWeights, exits) : perExit(() => alpha, 0),
    hint: hintWeights
      ? checkTaught('hintWeights', hintWeights, exits)
      : perExit((exitIndex) => (skipped.includes(exitIndex) ? 0 : lambda), 0),
    temperature,
    klFactor: form.squaresTemperature ? temperature ** 2 : 1,
    hintKind: form.hint,
    softCrossEntropy: form.softCrossEntropy
  }
}

function checkLength(name: string, weights: readonly number[], exits: number): number[] {
  if (weights.length === exits) return [...weights]
  throw new RangeError(
    `${name} has ${weights.length} numbers (${weights.join(', ')}); give one for each of ${exits} exits.`
  )
}

function checkTaught(name: string, weights: readonly number[], exits: number): number[] {
  const last = checkLength(name, weights, exits).at(-1)
  if (last === 0) return [...weights]
  throw new RangeError(`${name} ends with ${last}; end it with 0, because the deepest exit does not teach itself.`)
}
