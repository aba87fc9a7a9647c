import { rowOf, zeros, type Matrix } from './matrix.ts'

/** Log probabilities z_k/T - log sum_j exp(z_j/T) of one row of logits, one per class; the largest is taken out first, so nothing overflows. */
export function logSoftmax(logits: ArrayLike<number>, temperature = 1): Float64Array {
  const n = logits.length
  const out = new Float64Array(n)
  let largest = -Infinity
  for (let i = 0; i < n; i++) {
    const value = logits[i]! / temperature
    out[i] = value
    if (!(value <= largest)) largest = value
  }
  let sum = 0
  for (let i = 0; i < n; i++) sum += Math.exp(out[i]! - largest)
  const offset = largest + Math.log(sum)
  for (let i = 0; i < n; i++) out[i] = out[i]! - offset
  return out
}

/** Probabilities exp(z_k/T) / sum_j exp(z_j/T) of one row of logits, one per class, T the temperature. */
export function softmax(logits: ArrayLike<number>, temperature = 1): Float64Array {
  const out = logSoftmax(logits, temperature)
  for (let i = 0; i < out.length; i++) out[i] = Math.exp(out[i]!)
  return out
}

/** Index of the largest value, the first of equals; NaN is passed over, and -1 is given where no number is left. */
export function argmax(values: ArrayLike<number>): number {
  let best = -1
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (value === value && (best < 0 || value > values[best]!)) best = i
  }
  return best
}

/** Throws RangeError unless there is one label per row, each a whole number in 0 .. columns - 1. */
export function checkLabels(logits: Matrix, labels: ArrayLike<number>): void {
  if (labels.length !== logits.rows) throw new RangeError(`${labels.length} labels for ${logits.rows} rows of logits.`)
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!
    if (!(Number.isInteger(label) && label >= 0 && label < logits.columns)) {
      throw new RangeError(`Label ${label} of row ${i} is not one of the ${logits.columns} classes.`)
    }
  }
}

/** Mean over the rows of -log p[label]; NaN without rows; throws RangeError where labels and logits do not fit. */
export function crossEntropy(logits: Matrix, labels: ArrayLike<number>, temperature = 1): number {
  checkLabels(logits, labels)
  let sum = 0
  for (let i = 0; i < logits.rows; i++) sum -= logSoftmax(rowOf(logits, i), temperature)[labels[i]!]!
  return sum / logits.rows
}

/** Share of rows whose largest logit is the label's, 0..1; NaN without rows; throws RangeError where labels and logits do not fit. */
export function accuracy(logits: Matrix, labels: ArrayLike<number>): number {
  checkLabels(logits, labels)
  let right = 0
  for (let i = 0; i < logits.rows; i++) if (argmax(rowOf(logits, i)) === labels[i]) right++
  return right / logits.rows
}

/** The ensemble's logits: the mean of the exits' logits (not of their probabilities); throws RangeError for no exit or unequal shapes. */
export function ensembleLogits(exits: readonly Matrix[]): Matrix {
  const first = exits[0]
  if (first === undefined) throw new RangeError('An ensemble needs one exit at least.')
  const out = zeros(first.rows, first.columns)
  for (const { data, rows, columns } of exits) {
    if (rows !== first.rows || columns !== first.columns) {
      throw new RangeError(`Logits of ${rows} x ${columns} beside ${first.rows} x ${first.columns}.`)
    }
    for (let i = 0; i < data.length; i++) out.data[i] = out.data[i]! + data[i]!
  }
  for (let i = 0; i < out.data.length; i++) out.data[i] = out.data[i]! / exits.length
  return out
}

/** First and second derivative of the mean cross entropy by b = 1/T: mean of E_p[z] - z_label, and mean of Var_p[z]. */
function derivatives(logits: Matrix, labels: ArrayLike<number>, b: number): [slope: number, curvature: number] {
  let slope = 0
  let curvature = 0
  for (let i = 0; i < logits.rows; i++) {
    const row = rowOf(logits, i)
    const p = softmax(row, 1 / b)
    const own = row[labels[i]!]!
    // Differences to the label's logit, so that equal logits give a slope of exactly zero.
    let expected = 0
    for (let k = 0; k < p.length; k++) expected += p[k]! * (row[k]! - own)
    for (let k = 0; k < p.length; k++) curvature += p[k]! * (row[k]! - own - expected) ** 2
    slope += expected
  }
  return [slope / logits.rows, curvature / logits.rows]
}

/**
 * Temperature in 0.05..20 with the least mean cross entropy (Guo et al. 2017, section 4.2). The loss is convex in 1/T:
 * Newton's steps, kept in a bracket that shrinks. 1 where the loss does not change with it; NaN where one is NaN
 * or there are no rows; throws RangeError where labels and logits do not fit.
 */
export function fitTemperature(logits: Matrix, labels: ArrayLike<number>): number {
  checkLabels(logits, labels)
  let low = 1 / 20
  let high = 20
  let b = 1
  for (let step = 0; step < 100; step++) {
    const [slope, curvature] = derivatives(logits, labels, b)
    if (Number.isNaN(slope)) return NaN
    if (slope === 0) break
    if (slope > 0) high = b
    else low = b
    const newton = b - slope / curvature
    const next = newton > low && newton < high ? newton : outside(newton, low, high)
    if (Math.abs(next - b) <= 1e-12 * b) break
    b = next
  }
  return 1 / b
}

/** An end that was not tried yet is tried as it is; else the middle of the bracket on the scale of log T. */
function outside(newton: number, low: number, high: number): number {
  if (newton >= 20 && high === 20) return 20
  if (newton <= 1 / 20 && low === 1 / 20) return 1 / 20
  return Math.sqrt(low * high)
}
