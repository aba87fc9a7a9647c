import type { LossTerms } from './distillation-loss.ts'
import type { TermWeights } from './term-weights.ts'

/** A term of a loss as it enters the total: weight times value, in nats or squared feature units. */
export type WeightedTerm = { name: string; value: number }
/** A term's part of the total, 0..1. */
export type TermShare = { name: string; share: number }

/** |term| over the sum of all |term|, in the given order; all 0 where the sum is. */
export function lossShares(terms: readonly WeightedTerm[]): TermShare[] {
  const sum = terms.reduce((total, { value }) => total + Math.abs(value), 0)
  return terms.map(({ name, value }) => ({ name, share: sum > 0 ? Math.abs(value) / sum : 0 }))
}

/** The three sources of a self-distillation loss, summed over the exits with their weights: labelLoss, distillationLoss, hintLoss. */
export function weightedSources(terms: LossTerms, weights: TermWeights): WeightedTerm[] {
  const sum = (values: readonly number[], by: readonly number[]): number =>
    values.reduce((total, value, index) => total + value * by[index]!, 0)
  const entropies = terms.kl.map(() => terms.teacherEntropy ?? 0)
  return [
    { name: 'labelLoss', value: sum(terms.crossEntropy, weights.label) },
    { name: 'distillationLoss', value: sum(terms.kl, weights.distill) + sum(entropies, weights.distill) },
    { name: 'hintLoss', value: sum(terms.hint, weights.hint) }
  ]
}

/** The term that makes up more than half of the total, or undefined. For labels that is usual; a hint that large drowns the labels. */
export function dominantTerm(terms: readonly WeightedTerm[]): TermShare | undefined {
  return lossShares(terms).find(({ share }) => share > 0.5)
}
