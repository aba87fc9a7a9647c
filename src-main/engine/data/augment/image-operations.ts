import type { ByteImage } from './byte-image.ts'

/*
 * Pillow's operations (ImageOps, ImageEnhance) on bytes: each gives a new image of the same shape, digit for digit what
 * Pillow 13 gives. Images have 1 channel (mode L) or 3 (mode RGB).
 */

/** Looks every byte up, in one table of 256 bytes or in one per channel, one after another. */
function lookUp({ pixels, shape }: ByteImage, tables: Uint8Array): Uint8Array {
  const out = new Uint8Array(pixels.length)
  const channels = tables.length === 256 ? 1 : shape[2]
  for (let channel = 0; channel < channels; channel++) {
    const table = tables.subarray(channel * 256, channel * 256 + 256)
    for (let index = channel; index < out.length; index += channels) out[index] = table[pixels[index]!]!
  }
  return out
}

const tableOf = (value: (byte: number) => number): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, byte) => value(byte))

/** How often each byte occurs, 256 counts per channel. */
function histograms({ pixels, shape: [, , channels] }: ByteImage): Int32Array {
  const counts = new Int32Array(256 * channels)
  for (let channel = 0; channel < channels; channel++)
    for (let index = channel; index < pixels.length; index += channels) counts[channel * 256 + pixels[index]!]!++
  return counts
}

/** One table per channel, from its histogram. */
function lookUpByHistogram(image: ByteImage, fill: (table: Uint8ClampedArray, counts: Int32Array) => void): Uint8Array {
  const counts = histograms(image)
  const tables = new Uint8Array(counts.length)
  for (let start = 0; start < counts.length; start += 256)
    fill(new Uint8ClampedArray(tables.buffer, start, 256), counts.subarray(start, start + 256))
  return lookUp(image, tables)
}

/** Every byte as 255 minus itself. */
export const invert = (image: ByteImage): Uint8Array =>
  lookUp(
    image,
    tableOf((byte) => 255 - byte)
  )

/** Keeps the highest `bits` (0..8) of every byte. */
export const posterize = (image: ByteImage, bits: number): Uint8Array =>
  lookUp(
    image,
    tableOf((byte) => byte & -(1 << (8 - bits)))
  )

/** Inverts the bytes that are not below `threshold`: 256 changes none, 0 all. */
export const solarize = (image: ByteImage, threshold: number): Uint8Array =>
  lookUp(
    image,
    tableOf((byte) => (byte < threshold ? byte : 255 - byte))
  )

/** Stretches each channel so that its darkest byte becomes 0 and its lightest 255; one of a single value stays. */
export const autoContrast = (image: ByteImage): Uint8Array =>
  lookUpByHistogram(image, (table, counts) => {
    const darkest = counts.findIndex((count) => count > 0)
    const lightest = counts.findLastIndex((count) => count > 0)
    const scale = lightest > darkest ? 255 / (lightest - darkest) : 1
    const offset = lightest > darkest ? -darkest * scale : 0
    for (let byte = 0; byte < 256; byte++) table[byte] = Math.trunc(byte * scale + offset)
  })

/**
 * Makes each channel's histogram as flat as it goes. A channel of a single value stays, and so does one of fewer than
 * 256 pixels: Pillow counts in whole pixels per grey level.
 */
export const equalize = (image: ByteImage): Uint8Array =>
  lookUpByHistogram(image, (table, counts) => {
    const total = counts.reduce((sum, count) => sum + count, 0)
    const ofLightest = counts.findLast((count) => count > 0) ?? 0
    const step = Math.floor((total - ofLightest) / 255)
    let sum = Math.floor(step / 2)
    for (let byte = 0; byte < 256; byte++) {
      table[byte] = step === 0 ? byte : Math.floor(sum / step)
      sum += counts[byte]!
    }
  })

/** `from` at factor 0, `to` at 1, beyond it above; single precision, cut off behind the point (`Image.blend`). */
function blend(from: number, to: number, factor: number): number {
  const value = Math.fround(from + Math.fround(factor * (to - from)))
  return value <= 0 ? 0 : value >= 255 ? 255 : Math.trunc(value)
}

/** Luma of ITU-R 601-2 in 16 binary digits, rounded (`convert('L')`). */
const luma = (red: number, green: number, blue: number): number =>
  (19595 * red + 38470 * green + 7471 * blue + 32768) >> 16

/** Black at `factor` 0, the image at 1, lighter above. */
export function adjustBrightness(image: ByteImage, factor: number): Uint8Array {
  const single = Math.fround(factor)
  return lookUp(
    image,
    tableOf((byte) => blend(0, byte, single))
  )
}

/** The image's mean grey at `factor` 0, the image at 1, more contrast above. */
export function adjustContrast(image: ByteImage, factor: number): Uint8Array {
  const { pixels, shape } = image
  let sum = 0
  if (shape[2] === 3)
    for (let index = 0; index < pixels.length; index += 3)
      sum += luma(pixels[index]!, pixels[index + 1]!, pixels[index + 2]!)
  else for (const byte of pixels) sum += byte
  const mean = Math.trunc(sum / (shape[0] * shape[1]) + 0.5)
  const single = Math.fround(factor)
  return lookUp(
    image,
    tableOf((byte) => blend(mean, byte, single))
  )
}

/** Grey at `factor` 0, the image at 1, more saturated above. An image of one channel stays as it is. */
export function adjustColor({ pixels, shape }: ByteImage, factor: number): Uint8Array {
  if (shape[2] !== 3) return pixels.slice()
  const single = Math.fround(factor)
  const out = new Uint8Array(pixels.length)
  for (let index = 0; index < out.length; index += 3) {
    const [red, green, blue] = [pixels[index]!, pixels[index + 1]!, pixels[index + 2]!]
    const grey = luma(red, green, blue)
    out[index] = blend(grey, red, single)
    out[index + 1] = blend(grey, green, single)
    out[index + 2] = blend(grey, blue, single)
  }
  return out
}

/**
 * Smoothed at `factor` 0, the image at 1, sharper above. Smoothing is a 3 x 3 mean in which the middle counts five
 * times (`ImageFilter.SMOOTH`); the outermost pixels stay.
 */
export function adjustSharpness({ pixels, shape }: ByteImage, factor: number): Uint8Array {
  const [height, width, channels] = shape
  const single = Math.fround(factor)
  const out = pixels.slice()
  const row = width * channels
  for (let y = 1; y < height - 1; y++)
    for (let index = y * row + channels; index < (y + 1) * row - channels; index++) {
      let sum = 4 * pixels[index]!
      for (let from = index - row; from <= index + row; from += row)
        sum += pixels[from - channels]! + pixels[from]! + pixels[from + channels]!
      out[index] = blend(Math.floor(sum / 13 + 0.5), pixels[index]!, single)
    }
  return out
}
