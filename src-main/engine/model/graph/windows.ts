import type { Pads, Pair } from './graph.ts'

/** Along one axis of an image. */
export type Along = { kernel: number; stride: number; before: number; after: number; ceil?: boolean }

/** How many windows there are on `size` pixels; below 1 where none fits. */
export function countWindows(size: number, { kernel, stride, before, after, ceil = false }: Along): number {
  const steps = (size + before + after - kernel) / stride
  if (!ceil) return Math.floor(steps) + 1
  const windows = Math.ceil(steps) + 1
  // A window that would begin beyond the image is none.
  return (windows - 1) * stride >= size + before ? windows - 1 : windows
}

type Windowed = { kernel: Pair; strides: Pair; pads: Pads; ceil?: boolean }

/** Both axes' windows: rows, then columns. */
export function bothAxes({ kernel, strides, pads, ceil = false }: Windowed): [Along, Along] {
  return [
    { kernel: kernel[0], stride: strides[0], before: pads.top, after: pads.bottom, ceil },
    { kernel: kernel[1], stride: strides[1], before: pads.left, after: pads.right, ceil }
  ]
}

/** The pixels that a kernel with holes covers. */
export const spreadOf = (kernel: number, dilation: number): number => (kernel - 1) * dilation + 1
