import type { Scalar, Tensor2D } from '@tensorflow/tfjs'
import type { RoundLossKind } from '../../../../src-shared/science/round-loss.ts'
import type { Ops } from '../../backend/ops/ops.ts'
import { hintDistance } from './hint-distance.ts'

type Tf = typeof import('@tensorflow/tfjs')

/** The tensor twin of science's `roundTargets`: what the next round learns from this round's logits [N,C], without gradient. */
export function roundTargets(tf: Tf, ops: Ops, kind: RoundLossKind, logits: Tensor2D): Tensor2D {
  const fixed = ops.stopGradient(logits)
  return kind === 'l2' ? fixed : tf.softmax(fixed)
}

/** The tensor twin of science's `roundLoss` (Mobahi et al. 2020, section 5): logits [N,C] beside one-hot labels in round 0, and `roundTargets` afterwards. */
export function roundLoss(tf: Tf, ops: Ops, kind: RoundLossKind, logits: Tensor2D, targets: Tensor2D): Scalar {
  return kind === 'l2' ? hintDistance(tf, targets, logits, 'mean-squared') : ops.softmaxCrossEntropy(logits, targets)
}
