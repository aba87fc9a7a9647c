import type { Tensor, Tensor4D } from '@tensorflow/tfjs'
import type { GraphBody } from '../graph.ts'

export type Tf = typeof import('@tensorflow/tfjs')

/**
 * A value while the graph runs. `isMoved`: it lies as [N,H,W,C] though the file has it as [N,C,H,W]. What works on images
 * gives moved values, and what only reads axes takes them as they lie, so that few are ever moved back.
 */
export type Held = { tensor: Tensor; isMoved: boolean }

type Layout = GraphBody['layout']

/** Where the file's axes lie in a moved value. */
const places = [0, 3, 1, 2]

/** Where an axis of the file lies. */
export const placeOf = (x: Held, axis: number): number => (x.isMoved ? places[axis]! : axis)

/** One entry per axis of the file, as the axes lie. */
export const asPlaced = <T>(x: Held, perAxis: readonly T[]): T[] =>
  x.isMoved ? [perAxis[0]!, perAxis[2]!, perAxis[3]!, perAxis[1]!] : [...perAxis]

/** The shape in the file's order of axes. */
export const shapeOf = ({ tensor, isMoved }: Held): number[] =>
  isMoved ? places.map((place) => tensor.shape[place]!) : [...tensor.shape]

/** A value in the file's order of axes. */
export function inFileOrder(tf: Tf, x: Held): Tensor {
  if (!x.isMoved) return x.tensor
  const [, height = 1, width = 1, channels = 1] = x.tensor.shape
  // Then both orders are the same.
  if (height * width === 1 || channels === 1) return tf.reshape(x.tensor, shapeOf(x))
  return tf.transpose(x.tensor, [0, 3, 1, 2])
}

/** A value of rank 4 as images [N,H,W,C]. */
export function asImages(tf: Tf, x: Held, layout: Layout): Tensor4D {
  if (x.isMoved || layout === 'NHWC') return x.tensor as Tensor4D
  const [count = 1, channels = 1, height = 1, width = 1] = x.tensor.shape
  if (height * width === 1 || channels === 1) return tf.reshape(x.tensor, [count, height, width, channels])
  return tf.transpose(x.tensor, [0, 2, 3, 1]) as Tensor4D
}

/** What works on images gives. */
export const ofImages = (tensor: Tensor, layout: Layout): Held => ({ tensor, isMoved: layout === 'NCHW' })

/** A value that lies as the file has it. */
export const asFile = (tensor: Tensor): Held => ({ tensor, isMoved: false })
