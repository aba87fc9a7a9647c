import type { Tensor4D } from '@tensorflow/tfjs'
import type { Operation } from '../graph.ts'
import { applyPlain } from '../../apply-layer.ts'
import type { Tf } from './held.ts'

type Resize = Extract<Operation, { op: 'resize' }>

/** Images of another size. By products, for the gradients of tfjs's resizing with half-pixel centres are wrong. */
export function resize(tf: Tf, x: Tensor4D, { mode, scale }: Resize): Tensor4D {
  const [rows, columns] = scale
  if (mode === 'linear' && rows === 2 && columns === 2) return applyPlain(tf, x, { kind: 'upsample' })
  return resizeAxis(tf, resizeAxis(tf, x, 1, rows, mode), 2, columns, mode)
}

/** Along one axis: a product with a constant matrix [old, new]. */
function resizeAxis(tf: Tf, x: Tensor4D, axis: 1 | 2, scale: number, mode: Resize['mode']): Tensor4D {
  const from = x.shape[axis]
  const to = Math.floor(from * scale)
  if (scale === 1) return x
  const matrix = new Float32Array(from * to)
  for (let index = 0; index < to; index++)
    for (const [pixel, share] of mode === 'nearest' ? nearest(index, from, scale) : linear(index, from, scale))
      matrix[pixel * to + index]! += share
  // The axis comes last, as the matrix takes it, and goes back.
  const order = axis === 1 ? [0, 2, 3, 1] : [0, 1, 3, 2]
  const back = axis === 1 ? [0, 3, 1, 2] : [0, 1, 3, 2]
  const moved = tf.transpose(x, order)
  const lines = tf.reshape(moved, [-1, from])
  const resized = tf.matMul(lines, tf.tensor2d(matrix, [from, to]))
  return tf.transpose(tf.reshape(resized, [moved.shape[0]!, moved.shape[1]!, moved.shape[2]!, to]), back) as Tensor4D
}

type Share = [pixel: number, share: number]

const nearest = (index: number, size: number, scale: number): Share[] => [
  [Math.min(size - 1, Math.floor(index / scale)), 1]
]

function linear(index: number, size: number, scale: number): Share[] {
  const at = Math.min(size - 1, Math.max(0, (index + 0.5) / scale - 0.5))
  const below = Math.floor(at)
  return [
    [below, 1 - (at - below)],
    [Math.min(size - 1, below + 1), at - below]
  ]
}
