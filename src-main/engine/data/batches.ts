import { UserError } from '../../../src-shared/errors.ts'
import type { Preprocessing } from '../../../src-shared/preprocessing.ts'
import type { RunConfig } from '../../../src-shared/run-config.ts'
import { createRandom } from '../../../src-shared/science/random.ts'
import { applyPolicy, drawPolicy } from './augment/auto-augment.ts'
import { drawHole, fillHole, type Hole } from './augment/cutout.ts'
import { createResizer } from './formats/image-folder/resize.ts'
import { shuffledIndices } from './selection.ts'

type Pixels = { images: Uint8Array; shape: readonly [height: number, width: number, channels: number] }
type Augmentation = RunConfig['augmentation']

/** Which images a step sees, and what chance does to them. */
type Step = {
  /** The batch's images, positions in `images`. */
  indices: ArrayLike<number>
  augmentation: Augmentation
  seed: number
  epoch: number
  step: number
}

type Values = Pick<Preprocessing, 'mean' | 'deviation' | 'channelOrder'>

/** Normalised value of every byte, 256 rows of one number per channel as the network takes them; row 0 is black. */
function valueTable({ mean, deviation }: Values, channels: number): Float32Array {
  const table = new Float32Array(256 * channels)
  for (let index = 0; index < table.length; index++) {
    const channel = index % channels
    const value = Math.floor(index / channels) / 255
    table[index] = (value - (mean[channel] ?? 0)) / (deviation[channel] || 1)
  }
  return table
}

/** Bytes of images as a network takes them: normalised, their channels in its order; freshly allocated. */
export function normalise(bytes: Uint8Array, preprocessing: Values, channels: number): Float32Array {
  const table = valueTable(preprocessing, channels)
  const out = new Float32Array(bytes.length)
  const isReversed = preprocessing.channelOrder === 'bgr' && channels === 3
  for (let channel = 0; channel < channels; channel++) {
    const shift = isReversed ? channels - 1 - 2 * channel : 0
    for (let index = channel; index < out.length; index += channels)
      out[index] = table[bytes[index + shift]! * channels + channel]!
  }
  return out
}

/** Throws UserError where images are larger than a network's input of `size` pixels. */
export function requireRoom([height, width]: Pixels['shape'], size: number): void {
  if (height > size || width > size)
    throw new UserError(`Images of ${height} x ${width} pixels do not fit into the network's ${size} x ${size}.`)
}

/**
 * Throws UserError where images of `channels` channels, padded to size x size, cannot be augmented this way: AutoAugment
 * of anything but grey and colour images, a hole larger than the image.
 */
export function requireAugmentable({ cutout = 0, autoAugment }: Augmentation, channels: number, size: number): void {
  if (autoAugment && channels !== 1 && channels !== 3)
    throw new UserError(
      `AutoAugment takes grey or colour images (1 or 3 channels); these have ${channels}. Switch it off to train on them.`
    )
  if (cutout > size)
    throw new UserError(
      `A Cutout hole of ${cutout} pixels is larger than the network's ${size} x ${size}; choose at most ${size}.`
    )
}

/** Writes images one after another onto black squares of size x size, bytes. */
function createPainter({ images, shape }: Pixels, size: number) {
  const [height, width, channels] = shape
  requireRoom(shape, size)
  const top = Math.floor((size - height) / 2)
  const left = Math.floor((size - width) / 2)
  const imageLength = size * size * channels

  /** `out` is black where nothing is painted. */
  function paint(out: Uint8Array, position: number, index: number, down: number, right: number, flip: boolean): void {
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
        for (let channel = 0; channel < channels; channel++) out[to + channel] = images[from + channel]!
      }
    }
  }
  return { imageLength, paint }
}

/** The images at `indices`, padded with black to size x size (centred); NHWC bytes. Throws UserError: too large. */
export function padImages(pixels: Pixels, indices: ArrayLike<number>, size: number): Uint8Array<ArrayBuffer> {
  const { imageLength, paint } = createPainter(pixels, size)
  const out = new Uint8Array(indices.length * imageLength)
  for (let position = 0; position < indices.length; position++) paint(out, position, indices[position]!, 0, 0, false)
  return out
}

/** The images at `indices` as size x size bytes, NHWC: padded or resized, as `fit` says. Throws UserError: too large to pad. */
export function fitImages(
  pixels: Pixels,
  indices: ArrayLike<number>,
  { size, fit }: Pick<Preprocessing, 'size' | 'fit'>
): Uint8Array {
  const { images, shape } = pixels
  const [height, width, channels] = shape
  if (fit !== 'resize' || (height === size && width === size)) return padImages(pixels, indices, size)
  const resize = createResizer({ width, height, channels }, size)
  const [from, to] = [height * width * channels, size * size * channels]
  const out = new Uint8Array(indices.length * to)
  for (let position = 0; position < indices.length; position++) {
    const start = indices[position]! * from
    out.set(resize(images.subarray(start, start + from)), position * to)
  }
  return out
}

/** The images at `indices`, padded or resized to size x size and normalised; NHWC, freshly allocated. */
export function prepareImages(pixels: Pixels, indices: ArrayLike<number>, preprocessing: Preprocessing): Float32Array {
  return normalise(fitImages(pixels, indices, preprocessing), preprocessing, pixels.shape[2])
}

/** Order in which an epoch visits its images: a permutation of 0 to count - 1, a function of seed and epoch. */
export function epochOrder(count: number, seed: number, epoch: number): Int32Array {
  return shuffledIndices(count, seed, 'epoch', epoch)
}

/**
 * One step's images before they are normalised, NHWC bytes: each cropped at random from itself with a black border and
 * flipped with probability 1/2, then AutoAugment's policy on what the network would see, as self-distillation's public
 * training code orders them (ArchipLab-LinfengZhang/pytorch-self-distillation-final; its border is grey 128).
 *
 * `holes` are Cutout's, one per image, not yet cut; null without Cutout. Every kind of augmentation draws from a stream
 * of its own, so that one choice does not change the others. Throws UserError where the images cannot be augmented.
 */
export function augmentImages(options: Pixels & Step & { size: number }): { pixels: Uint8Array; holes: Hole[] | null } {
  const { indices, augmentation, seed, epoch, step, size } = options
  const { cropPadding, flip, cutout = 0, autoAugment = false } = augmentation
  const channels = options.shape[2]
  requireAugmentable(augmentation, channels, size)
  const random = createRandom(seed, 'augmentation', epoch, step)
  const { imageLength, paint } = createPainter(options, size)
  const pixels = new Uint8Array(indices.length * imageLength)
  for (let position = 0; position < indices.length; position++) {
    // Always three draws, so that one choice does not change the others.
    const down = random.integer(2 * cropPadding + 1) - cropPadding
    const right = random.integer(2 * cropPadding + 1) - cropPadding
    const mirrored = random.uniform() < 0.5 && flip
    paint(pixels, position, indices[position]!, down, right, mirrored)
  }
  if (autoAugment) {
    const policy = createRandom(seed, 'auto-augment', epoch, step)
    for (let start = 0; start < pixels.length; start += imageLength) {
      const image = pixels.subarray(start, start + imageLength)
      image.set(applyPolicy({ pixels: image, shape: [size, size, channels] }, drawPolicy(policy)))
    }
  }
  const cuts = createRandom(seed, 'cutout', epoch, step)
  const holes = cutout > 0 ? Array.from({ length: indices.length }, () => drawHole(cuts, size, cutout)) : null
  return { pixels, holes }
}

/**
 * One step's images, augmented (`augmentImages`) and normalised; NHWC.
 *
 * Cutout comes last: its hole is zero after normalising, the data set's mean, as in the authors' code
 * (uoguelph-mlrg/Cutout); self-distillation's public code cuts before it, which leaves black.
 *
 * A pure function of its arguments, so a resumed run sees the same pixels. A new array at each call: the native
 * backend reads it later than it is handed over.
 */
export function fillTrainingBatch(options: Pixels & Preprocessing & Step): Float32Array {
  const { shape, size } = options
  const { pixels, holes } = augmentImages(options)
  const out = normalise(pixels, options, shape[2])
  const zero = new Float32Array(shape[2])
  holes?.forEach((hole, position) => fillHole(out, position * size * size * shape[2], size, hole, zero))
  return out
}
