import type { Tensor } from '@tensorflow/tfjs'

/** Throws RangeError unless both have one shape: tfjs would stretch the smaller one. */
export function checkShapes(what: string, teacher: Tensor, student: Tensor): void {
  if (teacher.shape.join() === student.shape.join()) return
  throw new RangeError(
    `A ${what} of shape [${student.shape}] beside the teacher's [${teacher.shape}]; give both one shape.`
  )
}
