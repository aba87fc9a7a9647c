import type { ByteImage } from './byte-image.ts'

/** From a target's pixel to its source: x' = a x + b y + c, y' = d x + e y + f, in pixels from the upper left corner. */
type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number]

/** PIL computes with 16 binary digits after the point. */
const toFixed16 = (value: number): number => Math.floor(value * 65536 + 0.5)

/**
 * Each pixel takes its nearest source (through the pixel's centre), black where that lies outside; Pillow's
 * `affine_fixed`, digit for digit. Sides of less than 32,768 pixels.
 */
function transformNearest({ pixels, shape }: ByteImage, [a, b, c, d, e, f]: Affine): Uint8Array {
  const [height, width, channels] = shape
  const out = new Uint8Array(pixels.length)
  const [alongX, alongY] = [toFixed16(a), toFixed16(d)]
  const [downX, downY] = [toFixed16(b), toFixed16(e)]
  let startX = toFixed16(c + a * 0.5 + b * 0.5)
  let startY = toFixed16(f + d * 0.5 + e * 0.5)
  let to = 0
  for (let row = 0; row < height; row++) {
    let [x, y] = [startX, startY]
    for (let column = 0; column < width; column++) {
      const [sourceColumn, sourceRow] = [x >> 16, y >> 16]
      if (sourceColumn >= 0 && sourceColumn < width && sourceRow >= 0 && sourceRow < height) {
        const from = (sourceRow * width + sourceColumn) * channels
        for (let channel = 0; channel < channels; channel++) out[to + channel] = pixels[from + channel]!
      }
      to += channels
      x += alongX
      y += alongY
    }
    startX += downX
    startY += downY
  }
  return out
}

/** Moves each row left by `slope` times its distance from the upper edge (`x' = x + slope y`); black moves in. */
export const shearX = (image: ByteImage, slope: number): Uint8Array => transformNearest(image, [1, slope, 0, 0, 1, 0])

/** Moves each column up by `slope` times its distance from the left edge (`y' = y + slope x`); black moves in. */
export const shearY = (image: ByteImage, slope: number): Uint8Array => transformNearest(image, [1, 0, 0, slope, 1, 0])

/** Moves the image right by whole `pixels`, left where negative; what is behind the point is dropped, black moves in. */
export const translateX = (image: ByteImage, pixels: number): Uint8Array =>
  transformNearest(image, [1, 0, -Math.trunc(pixels), 0, 1, 0])

/** Moves the image down by whole `pixels`, up where negative; what is behind the point is dropped, black moves in. */
export const translateY = (image: ByteImage, pixels: number): Uint8Array =>
  transformNearest(image, [1, 0, 0, 0, 1, -Math.trunc(pixels)])

/** Turns the image counterclockwise around its centre by `degrees`; the size stays, black moves in (`Image.rotate`). */
export function rotate(image: ByteImage, degrees: number): Uint8Array {
  const [height, width] = image.shape
  const radians = (-degrees * Math.PI) / 180
  // Rounded as Pillow does, so that a right angle is exact.
  const cosine = Number(Math.cos(radians).toFixed(15))
  const sine = Number(Math.sin(radians).toFixed(15))
  const [x, y] = [width / 2, height / 2]
  return transformNearest(image, [cosine, sine, x - cosine * x - sine * y, -sine, cosine, y + sine * x - cosine * y])
}
