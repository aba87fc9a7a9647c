/** The fields of a history that weigh the terms of the loss. */
type Weighted = { method: string; weights: { alpha: number; lambda: number } }
type Terms = { crossEntropy: readonly number[]; kl: readonly number[]; hint: readonly number[] }
/** Weighted terms over their sum; together 1. */
export type LossShares = { crossEntropy: number; kl: number; hint: number }

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/**
 * Share of each term in the training loss: cross entropy with 1 - alpha at shallow exits and 1 at the deepest, KL with
 * alpha, hint with lambda. A baseline has only the deepest exit's cross entropy, deep supervision every exit's with 1.
 */
export function lossShares({ crossEntropy, kl, hint }: Terms, { method, weights }: Weighted): LossShares {
  const deepest = crossEntropy.at(-1) ?? NaN
  if (method !== 'self-distillation') {
    const known = Number.isFinite(method === 'baseline' ? deepest : sum(crossEntropy))
    return known ? { crossEntropy: 1, kl: 0, hint: 0 } : { crossEntropy: NaN, kl: NaN, hint: NaN }
  }
  const label = (1 - weights.alpha) * sum(crossEntropy.slice(0, -1)) + deepest
  const distillation = weights.alpha * sum(kl)
  const hints = weights.lambda * sum(hint)
  const total = label + distillation + hints
  return { crossEntropy: label / total, kl: distillation / total, hint: hints / total }
}
