import { UserError } from '../../../src-shared/errors.ts'
import { createRandom } from '../../../src-shared/science/random.ts'
import { shuffledIndices } from './selection.ts'

/** How pixels become a network's input. */
export type Preprocessing = {
  /** Height and width after centred padding with black, pixels. */
  size: number
  /** Per channel, of pixels in 0..1. */
  mean: readonly number[]
  /** Per channel, of pixels in 0..1; 0 counts as 1. */
  deviation: readonly number[]
}
type Pixels = { images: Uint8Array; shape: readonly [height: number, width: number, channels: number] }
export type Augmentation = { cropPadding: number; flip: boolean }

/** Normalised value of every byte, 256 rows of one number per channel; row 0 is black. */
function valueTable({ mean, deviation }: Preprocessing, channels: number): Float32Array {
  const table = new Float32Array(256 * channels)
  for (let index = 0; index < table.length; index++) {
    const channel = index % channels
    const value = Math.floor(index / channels) / 255
    table[index] = (value - (mean[channel] ?? 0)) / (deviation[channel] || 1)
  }
  return table
}

/** Throws UserError where images are larger than a network's input of `size` pixels. */
export function requireRoom([height, width]: Pixels['shape'], size: number): void {
  if (height > size || width > size)
    throw new UserError(`Images of ${height} x ${width} pixels do not fit into the network's ${size} x ${size}.`)
}

/** Writes images one after another onto black squares, normalised. */
function createPainter({ images, shape }: Pixels, preprocessing: Preprocessing) {
  const [height, width, channels] = shape
  const { size } = preprocessing
  requireRoom(shape, size)
  const table = valueTable(preprocessing, channels)
  const top = Math.floor((size - height) / 2)
  const left = Math.floor((size - width) / 2)
  const imageLength = size * size * channels

  function paint(out: Float32Array, position: number, index: number, down: number, right: number, flip: boolean): void {
    const source = index * height * width * channels
    const target = position * imageLength
    for (let row = 0; row < height; row++) {
      const y = top + down + row
      if (y < 0 || y >= size) continue
      for (let column = 0; column < width; column++) {
        const x = left + right + column
        if (x < 0 || x >= size) continue
        const from = source + (row * width + column) * channels
        const to = target + (y * size + (flip ? size - 1 - x : x)) * channels
        for (let channel = 0; channel < channels; channel++)
          out[to + channel] = table[images[from + channel]! * channels + channel]!
      }
    }
  }

  function blank(count: number): Float32Array {
    const out = new Float32Array(count * imageLength)
    if (channels === 1) return out.fill(table[0]!)
    for (let index = 0; index < out.length; index++) out[index] = table[index % channels]!
    return out
  }
  return { blank, paint }
}

/** The images at `indices`, padded with black to size x size (centred) and normalised; NHWC, freshly allocated. */
export function prepareImages(pixels: Pixels, indices: ArrayLike<number>, preprocessing: Preprocessing): Float32Array {
  const { blank, paint } = createPainter(pixels, preprocessing)
  const out = blank(indices.length)
  for (let position = 0; position < indices.length; position++) paint(out, position, indices[position]!, 0, 0, false)
  return out
}

/** Order in which an epoch visits its images: a permutation of 0 to count - 1, a function of seed and epoch. */
export function epochOrder(count: number, seed: number, epoch: number): Int32Array {
  return shuffledIndices(count, seed, 'epoch', epoch)
}

/**
 * One step's images, normalised, each cropped at random from itself with a black border and flipped with
 * probability 1/2; NHWC.
 *
 * A pure function of its arguments, so a resumed run sees the same pixels. A new array at each call: the native
 * backend reads it later than it is handed over.
 */
export function fillTrainingBatch(
  options: Pixels &
    Preprocessing & {
      /** The batch's images, positions in `images`. */
      indices: ArrayLike<number>
      augmentation: Augmentation
      seed: number
      epoch: number
      step: number
    }
): Float32Array {
  const { indices, augmentation, seed, epoch, step } = options
  const { cropPadding, flip } = augmentation
  const random = createRandom(seed, 'augmentation', epoch, step)
  const { blank, paint } = createPainter(options, options)
  const out = blank(indices.length)
  for (let position = 0; position < indices.length; position++) {
    // Always three draws, so that one choice does not change the others.
    const down = random.integer(2 * cropPadding + 1) - cropPadding
    const right = random.integer(2 * cropPadding + 1) - cropPadding
    const mirrored = random.uniform() < 0.5 && flip
    paint(out, position, indices[position]!, down, right, mirrored)
  }
  return out
}
