import type { OnnxTensor } from '../tensor-proto.ts'

/** A value that depends on the images. `name` is the graph's; `shape` is that of one image. */
export type Value = { kind: 'value'; name: string; shape: number[] }

/**
 * What does not depend on the images: a weight of the file, a number, a shape. NaN stands for what depends on how many
 * images there are.
 */
export type Fixed = {
  kind: 'fixed'
  /** As the file calls it. */
  name: string
  shape: number[]
  isInteger: boolean
  /** The numbers, where they are few enough to have been read; else they lie in `source`. */
  data: ArrayLike<number> | null
  source: OnnxTensor | null
  /** True where its two axes are the other way round than in the source. */
  isTurned: boolean
}

/** What is known of a name in the file. */
export type Fact = Value | Fixed

/** How many numbers have such a shape. */
export const countOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

/** Numbers that are known, under a name. */
export const known = (name: string, shape: number[], data: ArrayLike<number>, isInteger: boolean): Fixed => ({
  kind: 'fixed',
  name,
  shape,
  isInteger,
  data,
  source: null,
  isTurned: false
})

/** The shape of a value as the file can reckon with it: how many images there are is not known. */
export const shapeFact = (name: string, { shape }: Value): Fixed =>
  known(name, [shape.length], [NaN, ...shape.slice(1)], true)
