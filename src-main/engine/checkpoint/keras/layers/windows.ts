import type { Pads } from '../../../model/graph/graph.ts'
import type { Image, LayerCall } from './layer-call.ts'
import type { Pair } from './settings.ts'

/** Windows that slide over an image. */
export type Windows = { kernel: Pair; strides: Pair; dilations: Pair; isSame: boolean }
/** Zeros around the image, and how many windows there are; null where the image's size is open. */
export type Slid = { pads: Pads; height: number | null; width: number | null }

/**
 * TensorFlow's padding: `same` makes ceil(size / stride) windows, what is missing is added half before and half behind, an
 * odd one behind. Throws by the call where that depends on a size that the file leaves open, or where nothing is left.
 */
export function slide(
  call: LayerCall,
  { height, width }: Image,
  { kernel, strides, dilations, isSame }: Windows
): Slid {
  const along = (axis: 0 | 1, size: number | null) => {
    const extent = (kernel[axis] - 1) * dilations[axis] + 1
    const [count, padding] = isSame
      ? sameWindows(size, extent, strides[axis])
      : validWindows(size, extent, strides[axis])
    if (padding === null)
      throw call.refuse(
        'pads its images by their size ("same" with a stride), which the model leaves open; save it with a fixed input size'
      )
    if (count !== null && count < 1) throw call.refuse(`leaves nothing of images with a side of ${size} pixels`)
    const before = Math.floor(padding / 2)
    return { count, before, after: padding - before }
  }
  const rows = along(0, height)
  const columns = along(1, width)
  const pads = { top: rows.before, bottom: rows.after, left: columns.before, right: columns.after }
  return { pads, height: rows.count, width: columns.count }
}

type Counted = [count: number | null, padding: number | null]

function sameWindows(size: number | null, extent: number, stride: number): Counted {
  if (stride === 1 || extent === 1) return [size === null ? null : Math.ceil(size / stride), extent - 1]
  if (size === null) return [null, null]
  const count = Math.ceil(size / stride)
  return [count, Math.max(0, (count - 1) * stride + extent - size)]
}

const validWindows = (size: number | null, extent: number, stride: number): Counted => [
  size === null ? null : Math.floor((size - extent) / stride) + 1,
  0
]
