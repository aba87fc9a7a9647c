import { lossTermNames, type LossTermName } from '../../src-shared/reports.ts'

/** The fields of a history that weigh the terms of the loss. */
type Weights = { method: string; weights: { alpha: number; lambda: number } }
type Terms = {
  crossEntropy: readonly number[]
  kl: readonly number[]
  hint: readonly number[]
  weighted?: Partial<Record<LossTermName, number>> | undefined
}
/** The size of each weighted term over the sum of all sizes; together 1. */
export type LossShares = Record<LossTermName, number>

/** Titles of the panels that show the terms. */
export const termTitles: Record<LossTermName, string> = {
  crossEntropy: 'Cross entropy (%)',
  kl: 'KL (%)',
  hint: 'Hint (%)',
  attention: 'Attention (%)',
  mutual: 'Mutual (%)',
  outputs: 'Outputs (%)'
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/**
 * The weighted terms as they were recorded. Older records lack them: cross entropy has 1 - alpha at shallow exits and 1 at
 * the deepest, KL alpha, hint lambda; a baseline has only the deepest exit's cross entropy, deep supervision every exit's
 * with 1.
 */
function weightedTerms(
  { crossEntropy, kl, hint, weighted }: Terms,
  { method, weights }: Weights
): Partial<Record<LossTermName, number>> {
  if (weighted !== undefined) return weighted
  const deepest = crossEntropy.at(-1) ?? NaN
  if (method !== 'self-distillation') return { crossEntropy: method === 'baseline' ? deepest : sum(crossEntropy) }
  const labels = (1 - weights.alpha) * sum(crossEntropy.slice(0, -1)) + deepest
  return { crossEntropy: labels, kl: weights.alpha * sum(kl), hint: weights.lambda * sum(hint) }
}

/** Share of each term in the training loss; NaN where there is no loss, or one that is no number. */
export function lossShares(terms: Terms, weights: Weights): LossShares {
  const values = weightedTerms(terms, weights)
  const total = sum(Object.values(values).map(Math.abs))
  const shares = lossTermNames.map((name) => [name, Math.abs(values[name] ?? 0) / total])
  return Object.fromEntries(shares) as LossShares
}

/** The terms to show: none where cross entropy is all there is, else those that any of the shares has. */
export function termsOf(all: readonly LossShares[]): LossTermName[] {
  const others = lossTermNames.filter((name) => name !== 'crossEntropy' && all.some((shares) => shares[name] > 0))
  return others.length > 0 ? ['crossEntropy', ...others] : []
}
