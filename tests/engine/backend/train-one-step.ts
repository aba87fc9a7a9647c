import { expect } from 'vitest'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'

/** Takes a gradient step on `backend`, expects the known result, and that no tensor is left. */
export function trainOneStep({ tf, tensorCount }: Backend): void {
  const before = tensorCount()
  const stepped = tf.tidy(() => {
    const x = tf.tensor2d([1, 2, 3, 4], [2, 2])
    const weights = tf.tensor2d([0.5, -0.5], [2, 1])
    const gradient = tf.grad((w) =>
      tf
        .matMul(x, w as typeof weights)
        .square()
        .sum()
    )(weights)
    return weights.sub(gradient.mul(0.1)).dataSync()
  })
  // d/dw sum((x w)^2) = 2 x^T x w = [-4, -6]
  expect([...stepped].map((value) => Number(value.toFixed(4)))).toEqual([0.9, 0.1])
  expect(tensorCount()).toBe(before)
}
