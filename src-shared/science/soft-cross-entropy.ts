import { checkSameShape } from './divergence.ts'
import { rowOf, zeros, type Matrix } from './matrix.ts'
import { checkLabels, logSoftmax, softmax } from './softmax.ts'

/** Mean over the rows of -sum_c targets_c log softmax(logits)_c, targets N x C of probabilities; NaN without rows; throws RangeError for unequal shapes. */
export function softCrossEntropy(logits: Matrix, targets: Matrix): number {
  checkSameShape(targets, logits, "the targets'")
  let sum = 0
  for (let i = 0; i < logits.rows; i++) {
    const q = logSoftmax(rowOf(logits, i))
    const p = rowOf(targets, i)
    // A probability of zero adds nothing, whatever the logits say.
    for (let k = 0; k < q.length; k++) if (p[k] !== 0) sum -= p[k]! * q[k]!
  }
  return sum / logits.rows
}

/** Labels as rows of zeros with a one at the label, N x classes; throws RangeError for a label that is not one of the classes. */
export function oneHot(labels: ArrayLike<number>, classes: number): Matrix {
  const out = zeros(labels.length, classes)
  checkLabels(out, labels)
  for (let i = 0; i < labels.length; i++) out.data[i * classes + labels[i]!] = 1
  return out
}

/** Probabilities softmax(logits) of every row, N x C. */
export function softmaxRows(logits: Matrix): Matrix {
  const out = zeros(logits.rows, logits.columns)
  for (let i = 0; i < logits.rows; i++) out.data.set(softmax(rowOf(logits, i)), i * logits.columns)
  return out
}
