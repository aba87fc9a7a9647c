/** Pixels in rows, `channels` bytes each. */
export type Raster = { width: number; height: number; channels: number; data: Uint8Array }

/** Of one output pixel: where its input pixels begin, and how much each of them counts. */
type Tap = { first: number; weights: Float64Array }

/**
 * Resizes images of one shape so that their shorter side has `size` pixels and crops the square at their centre, as
 * torchvision's Resize(size) and CenterCrop(size) do; a triangle filter that widens with the reduction (Pillow's BILINEAR).
 * Gives size x size x channels bytes.
 */
export function createResizer(
  { width, height, channels }: Omit<Raster, 'data'>,
  size: number
): (data: Uint8Array) => Uint8Array {
  const short = Math.min(width, height)
  const columns = tapsOf(width, short, size)
  const rows = tapsOf(height, short, size)
  const firstRow = Math.min(...rows.map(({ first }) => first))
  const lastRow = Math.max(...rows.map(({ first, weights }) => first + weights.length))
  const stride = size * channels
  return (data) => {
    // Rounded to bytes between the two passes, as Pillow does.
    const between = new Uint8Array((lastRow - firstRow) * stride)
    for (let y = firstRow; y < lastRow; y++)
      for (let x = 0; x < size; x++) {
        const target = (y - firstRow) * stride + x * channels
        weigh(columns[x]!, data, y * width * channels, channels, between, target, channels)
      }
    const out = new Uint8Array(size * stride)
    for (let y = 0; y < size; y++) {
      const tap = rows[y]!
      for (let x = 0; x < size; x++)
        weigh(tap, between, x * channels - firstRow * stride, stride, out, y * stride + x * channels, channels)
    }
    return out
  }
}

/** One image through `createResizer`. */
export const resizeAndCrop = ({ data, ...shape }: Raster, size: number): Uint8Array => createResizer(shape, size)(data)

function weigh(
  tap: Tap,
  from: Uint8Array,
  at: number,
  stride: number,
  to: Uint8Array,
  target: number,
  channels: number
) {
  const { first, weights } = tap
  for (let channel = 0; channel < channels; channel++) {
    let sum = 0
    for (let index = 0; index < weights.length; index++)
      sum += weights[index]! * from[at + (first + index) * stride + channel]!
    to[target + channel] = Math.floor(sum + 0.5)
  }
}

/** As Python rounds, and with it torchvision's crop. */
const roundHalfToEven = (value: number): number => (value % 1 === 0.5 ? 2 * Math.round(value / 2) : Math.round(value))

/** For the `size` pixels in the middle of a side of `length` pixels that is scaled by size / short. */
function tapsOf(length: number, short: number, size: number): Tap[] {
  const resized = Math.floor((size * length) / short)
  const begin = roundHalfToEven((resized - size) / 2)
  const scale = length / resized
  const radius = Math.max(scale, 1)
  return Array.from({ length: size }, (_, index) => {
    const centre = (begin + index + 0.5) * scale
    const first = Math.max(0, Math.floor(centre - radius + 0.5))
    const last = Math.min(length, Math.floor(centre + radius + 0.5))
    const weights = Float64Array.from({ length: last - first }, (_, offset) =>
      Math.max(0, 1 - Math.abs((first + offset - centre + 0.5) / radius))
    )
    const sum = weights.reduce((total, weight) => total + weight, 0)
    return { first, weights: weights.map((weight) => weight / sum) }
  })
}
