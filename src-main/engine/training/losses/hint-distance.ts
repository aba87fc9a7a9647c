import type { Scalar, Tensor2D } from '@tensorflow/tfjs'
import type { HintKind } from '../../../../src-shared/science/distillation-loss.ts'
import { checkShapes } from './check-shapes.ts'
import { lengthOf } from './length-of.ts'

type Tf = typeof import('@tensorflow/tfjs')

/**
 * The tensor twin of science/hint-distance for features [N,d], or maps as [N,H W C]; the caller stops the teacher's
 * gradient. The norm's gradient at equal features is 0, PyTorch's choice. Throws RangeError for unequal shapes.
 */
export function hintDistance(tf: Tf, teacher: Tensor2D, student: Tensor2D, kind: HintKind): Scalar {
  checkShapes('hint', teacher, student)
  const squares = tf.squaredDifference(student, teacher)
  switch (kind) {
    case 'mean-squared':
      return tf.mean(tf.sum(squares, 1))
    case 'sum-squared':
      return tf.sum(squares)
    case 'sum-squared-positive':
      // A step's gradient is zero; a comparison has none, and tfjs refuses to pass it.
      return tf.sum(tf.mul(squares, tf.maximum(tf.step(student), tf.step(teacher))))
    case 'norm':
      return lengthOf(tf, tf.sum(squares))
  }
}
