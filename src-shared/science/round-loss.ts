import { hintDistance } from './hint-distance.ts'
import type { Matrix } from './matrix.ts'
import { softCrossEntropy, softmaxRows } from './soft-cross-entropy.ts'

/** The losses that rounds of self-distillation are trained with. */
export const roundLossKinds = ['l2', 'cross-entropy'] as const
export type RoundLossKind = (typeof roundLossKinds)[number]

/** What the next round learns from this round's logits N x C: themselves for `l2`, their softmax for `cross-entropy`. Round 0 learns from one-hot labels. */
export function roundTargets(kind: RoundLossKind, logits: Matrix): Matrix {
  return kind === 'l2' ? logits : softmaxRows(logits)
}

/**
 * Loss of one round of self-distillation (Mobahi et al. 2020, section 5), logits and targets N x C: `l2` is the mean over
 * the batch of ||logits - targets||^2, `cross-entropy` the mean of -sum_c targets_c log softmax(logits)_c. Targets are one-hot
 * labels in round 0 and `roundTargets` of the last round's logits afterwards; throws RangeError for unequal shapes.
 */
export function roundLoss(kind: RoundLossKind, logits: Matrix, targets: Matrix): number {
  return kind === 'l2' ? hintDistance(targets, logits) : softCrossEntropy(logits, targets)
}
