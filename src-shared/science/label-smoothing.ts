import { zeros, type Matrix } from './matrix.ts'
import { checkLabels } from './softmax.ts'
import { softCrossEntropy } from './soft-cross-entropy.ts'

/** Targets (1 - s) onehot + s/C of each label, N x classes, s in 0..1 (Szegedy et al. 2016, section 7); throws RangeError for another s or a label that is not one of the classes. */
export function smoothLabels(labels: ArrayLike<number>, classes: number, smoothing: number): Matrix {
  if (!(smoothing >= 0 && smoothing <= 1)) throw new RangeError(`Label smoothing is 0 to 1, not ${smoothing}.`)
  const out = zeros(labels.length, classes)
  checkLabels(out, labels)
  out.data.fill(smoothing / classes)
  for (let i = 0; i < labels.length; i++) out.data[i * classes + labels[i]!]! += 1 - smoothing
  return out
}

/** Mean cross entropy of logits N x C with smoothed labels (Szegedy et al. 2016, section 7); throws RangeError as `smoothLabels`. */
export function labelSmoothingLoss(logits: Matrix, labels: ArrayLike<number>, smoothing: number): number {
  return softCrossEntropy(logits, smoothLabels(labels, logits.columns, smoothing))
}
