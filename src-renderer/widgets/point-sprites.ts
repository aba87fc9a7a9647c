import { markerPath } from '../figures/markers.ts'
import type { ClassLook } from '../figures/palette.ts'

/** A marker as pixels: offsets from its centre and how much each covers, 0..255. */
export type Sprite = { color: [number, number, number]; dx: Int8Array; dy: Int8Array; alpha: Uint8Array; reach: number }

const made = new Map<string, Sprite>()
const mostMade = 400

/** The marker of a class, `radius` in device pixels; every map of a figure has the same ones. */
export function makeSprite(look: ClassLook, radius: number, opacity: number): Sprite {
  const key = [look.shape, look.color, radius, opacity].join()
  const sprite = made.get(key) ?? drawSprite(look, radius, opacity)
  if (made.size >= mostMade) made.clear()
  made.set(key, sprite)
  return sprite
}

/** Drawn once by the browser and read back. */
function drawSprite({ shape, color }: ClassLook, radius: number, opacity: number): Sprite {
  const reach = Math.ceil(radius * 1.8) + 1
  const side = 2 * reach + 1
  const canvas = new OffscreenCanvas(side, side)
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) throw new Error('This browser draws no pictures.')
  context.fillStyle = color
  context.fill(new Path2D(markerPath(shape, reach + 0.5, reach + 0.5, radius)))
  const { data } = context.getImageData(0, 0, side, side)
  const dx: number[] = []
  const dy: number[] = []
  const alpha: number[] = []
  for (let at = 0; at < side * side; at++) {
    const cover = data[4 * at + 3]!
    if (cover < 8) continue
    dx.push((at % side) - reach)
    dy.push(Math.floor(at / side) - reach)
    alpha.push(Math.round(cover * opacity))
  }
  return {
    color: readColor(color),
    dx: Int8Array.from(dx),
    dy: Int8Array.from(dy),
    alpha: Uint8Array.from(alpha),
    reach
  }
}

/** `#3f90da` as three bytes. */
export function readColor(hex: string): [number, number, number] {
  const value = Number.parseInt(hex.slice(1), 16)
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255]
}

/**
 * Writes markers at device-pixel positions over an opaque picture (RGBA, `width` x `height`): a plain loop, because
 * without a GPU a canvas needs ten times as long for as many calls.
 */
export function stampPoints(
  pixels: Uint8ClampedArray,
  width: number,
  height: number,
  points: { x: Float32Array; y: Float32Array; order: Uint32Array; look: Uint16Array },
  view: { scaleX: number; shiftX: number; scaleY: number; shiftY: number },
  spriteOf: (look: number, position: number) => Sprite | undefined
): void {
  const { x, y, order, look } = points
  for (const position of order) {
    const sprite = spriteOf(look[position]!, position)
    if (!sprite) continue
    const left = Math.round(view.scaleX * x[position]! + view.shiftX)
    const top = Math.round(view.scaleY * y[position]! + view.shiftY)
    const { reach, dx, dy, alpha, color } = sprite
    if (left < -reach || top < -reach || left >= width + reach || top >= height + reach) continue
    const isInside = left >= reach && top >= reach && left < width - reach && top < height - reach
    const [red, green, blue] = color
    for (let at = 0; at < alpha.length; at++) {
      const px = left + dx[at]!
      const py = top + dy[at]!
      if (!isInside && (px < 0 || py < 0 || px >= width || py >= height)) continue
      const cover = alpha[at]!
      const to = 4 * (py * width + px)
      pixels[to] = pixels[to]! + (((red - pixels[to]!) * cover) >> 8)
      pixels[to + 1] = pixels[to + 1]! + (((green - pixels[to + 1]!) * cover) >> 8)
      pixels[to + 2] = pixels[to + 2]! + (((blue - pixels[to + 2]!) * cover) >> 8)
    }
  }
}
