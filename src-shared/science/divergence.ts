import { rowOf, type Matrix } from './matrix.ts'
import { logSoftmax } from './softmax.ts'

/** Mean over the rows of KL(softmax(teacher/T) || softmax(student/T)) (Kullback and Leibler 1951), in nats; throws RangeError for unequal shapes. */
export function divergence(teacher: Matrix, student: Matrix, temperature = 1): number {
  checkSameShape(teacher, student)
  let sum = 0
  for (let i = 0; i < teacher.rows; i++) {
    const p = logSoftmax(rowOf(teacher, i), temperature)
    const q = logSoftmax(rowOf(student, i), temperature)
    // A probability of zero adds nothing, whatever the student says.
    for (let k = 0; k < p.length; k++) if (p[k] !== -Infinity) sum += Math.exp(p[k]!) * (p[k]! - q[k]!)
  }
  return sum / teacher.rows
}

/** Divergence times T^2, which keeps its gradient's size whatever T is (Hinton et al. 2015, section 2); throws RangeError for unequal shapes. */
export function softenedDivergence(teacher: Matrix, student: Matrix, temperature: number): number {
  return divergence(teacher, student, temperature) * temperature ** 2
}

/** Mean over the rows of the entropy -sum_c p_c log p_c of softmax(logits/T), in nats; NaN without rows. */
export function meanEntropy(logits: Matrix, temperature = 1): number {
  let sum = 0
  for (let i = 0; i < logits.rows; i++) {
    for (const p of logSoftmax(rowOf(logits, i), temperature)) if (p !== -Infinity) sum -= Math.exp(p) * p
  }
  return sum / logits.rows
}

/** Throws RangeError unless both have as many rows and columns; `a` is the teacher's. */
export function checkSameShape(a: Matrix, b: Matrix, teacher = "the deepest exit's"): void {
  if (a.rows !== b.rows || a.columns !== b.columns) {
    throw new RangeError(`${b.rows} x ${b.columns} values beside ${teacher} ${a.rows} x ${a.columns}.`)
  }
}
