import type { ImageShape } from './dataset-types.ts'

const step = 32

/**
 * Height and width of the input of a network trained on images of this shape, pixels: 32 for images up to 32 x 32, which are
 * padded; for larger ones the next multiple of 32 of the larger side.
 */
export const inputSizeOf = ([height, width]: Readonly<ImageShape>): number =>
  Math.max(step, Math.ceil(Math.max(height, width) / step) * step)
