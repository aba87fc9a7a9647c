import type { Operation } from '../../../model/graph/graph.ts'
import type { TensorSpec } from '../../../model/tensor-specs.ts'
import type { JsonObject } from '../json.ts'
import type { Refuse } from '../refuse.ts'
import type { Layout } from '../variables.ts'

/** Lengths of a value's axes without that of the images; null where the file leaves it open. */
export type Shape = (number | null)[]

/** What a layer gives: the graph's name of it, and its shape. */
export type Value = { name: string; shape: Shape }

/** A layer's weight: Keras's name of it, its shape in Keras's order of axes, and what it is. */
export type WeightRequest = {
  name: string
  /** As Keras lays it out, for instance a convolution's [kh, kw, in, out]. */
  shape: number[]
  layout: Layout
  role: TensorSpec['role']
}

/** One call of a layer, and what its lowering may do. */
export type LayerCall = {
  name: string
  className: string
  config: JsonObject
  inputs: Value[]
  /** True where the file was written by Keras 3, in which some names mean something else. */
  isKeras3: boolean
  /** True where tfjs itself wrote the file, whose layers differ in places. */
  isTfjs: boolean
  /** Adds a node; `inputs` are names of values, tensors and constants. */
  add(operation: Operation, inputs: string[], shape: Shape): Value
  /** Names of the layer's weights, in the order of the request. Throws where they are missing or of another shape. */
  weights(requests: WeightRequest[]): string[]
  /** Numbers that are no weight, along the last axis of what they meet; a single one meets all. */
  constant(data: number[]): string
  /** The sentence begins with file, layer and class. */
  refuse: Refuse
}

/** How a layer of a class becomes nodes. */
export type Lowering = (call: LayerCall) => Value

/** The only input. Throws where there are more or none. */
export function onlyInput({ inputs, refuse }: LayerCall): Value {
  const [input] = inputs
  if (!input || inputs.length > 1) throw refuse(`takes ${inputs.length} inputs instead of one`)
  return input
}

/** An image: height and width in pixels, null where the file leaves them open. */
export type Image = { value: Value; height: number | null; width: number | null; channels: number }

/** The only input as an image. Throws where it is none, or where channels come first. */
export function imageInput(call: LayerCall): Image {
  const value = onlyInput(call)
  const [height = null, width = null, channels] = value.shape
  if (value.shape.length !== 3 || channels == null)
    throw call.refuse(`takes images, but gets values of the shape ${describeShape(value.shape)}`)
  const format = call.config.get('data_format')
  if (format !== undefined && format !== null && format !== 'channels_last')
    throw call.refuse('has its channels first; only models with channels_last are read')
  return { value, height, width, channels }
}

/** For instance `[?, 32, 32, 3]`. */
export const describeShape = (shape: Shape): string => `[${['?', ...shape.map((length) => length ?? '?')].join(', ')}]`
