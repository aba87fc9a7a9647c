/** What is known of tensors before their values are read: their shapes, by name. */
export type Shapes = ReadonlyMap<string, { shape: number[] }>

/** Longer sides have no network known here; a bound for what is multiplied with them. */
const longest = 2 ** 24

/** A tensor's shape where it has so many axes, none of them empty; null where it is another or missing. */
export function shapeOf<N extends 1 | 2 | 4>(tensors: Shapes, name: string, axes: N): Axes[N] | null {
  const shape = tensors.get(name)?.shape
  const isSound = shape?.length === axes && shape.every((side) => Number.isInteger(side) && side > 0 && side <= longest)
  return isSound ? (shape as Axes[N]) : null
}
type Axes = { 1: [number]; 2: [number, number]; 4: [number, number, number, number] }

/** The shape of the weights of a convolution with a square kernel; null where there is none of this name. */
export function kernelOf(tensors: Shapes, layer: string): Axes[4] | null {
  const shape = shapeOf(tensors, `${layer}.weight`, 4)
  return shape && shape[2] === shape[3] ? shape : null
}

/** A tensor's name without its last part, and that part. */
export function splitName(name: string): [layer: string, tensor: string] {
  const dot = name.lastIndexOf('.')
  return dot < 0 ? ['', name] : [name.slice(0, dot), name.slice(dot + 1)]
}
