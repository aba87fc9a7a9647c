import type { StoredTensor, TensorData } from '../format.ts'

/** A weight of a layer as a Keras file holds it, its axes in Keras's order. */
export type Variable = StoredTensor

/** The weights of each layer in Keras's order, by the layer's path: its name, behind those of the models that it lies in. */
export type Variables = ReadonlyMap<string, Variable[]>

/** The path of a layer that lies in models. */
export const pathOf = (names: readonly string[]): string => names.join('/')

/**
 * How a weight's axes become PyTorch's: `convolution` [kh,kw,in,out] to [out,in,kh,kw], `transposed` [kh,kw,out,in] to
 * [in,out,kh,kw], `depthwise` [kh,kw,in,m] to [in m,1,kh,kw], `linear` [in,out] to [out,in], `pointwise` the
 * same as a 1x1 convolution [out,in,1,1]; `plain` stays.
 */
export type Layout = 'convolution' | 'transposed' | 'depthwise' | 'linear' | 'pointwise' | 'plain'

/** The weight in PyTorch's order of axes; its shape must have as many axes as the layout. */
export function inPytorchLayout({ dtype, shape, load }: Variable, layout: Layout): StoredTensor {
  if (layout === 'plain') return { dtype, shape, load }
  const order = orders[layout]
  return {
    dtype,
    shape: pytorchShape(shape, layout),
    load: async () => permute(await load(), shape, order)
  }
}

const orders = {
  convolution: [3, 2, 0, 1],
  transposed: [3, 2, 0, 1],
  depthwise: [2, 3, 0, 1],
  linear: [1, 0],
  pointwise: [1, 0]
}

/** A shape in Keras's order as it is in PyTorch's. */
export function pytorchShape(shape: readonly number[], layout: Layout): number[] {
  if (layout === 'plain') return [...shape]
  const moved = orders[layout].map((axis) => shape[axis]!)
  if (layout === 'depthwise') return [moved[0]! * moved[1]!, 1, ...moved.slice(2)]
  return layout === 'pointwise' ? [...moved, 1, 1] : moved
}

/** Values with their axes in another order: axis i of the result is axis `order[i]`. */
export function permute<T extends TensorData>(data: T, shape: readonly number[], order: readonly number[]): T {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, length) => product * length, 1))
  const lengths = order.map((axis) => shape[axis]!)
  const steps = order.map((axis) => strides[axis]!)
  const result = data.slice() as T
  const index = lengths.map(() => 0)
  let from = 0
  for (let to = 0; to < result.length; to++) {
    result[to] = data[from]!
    for (let axis = lengths.length - 1; axis >= 0; axis--) {
      from += steps[axis]!
      if (++index[axis]! < lengths[axis]!) break
      from -= steps[axis]! * lengths[axis]!
      index[axis] = 0
    }
  }
  return result
}
