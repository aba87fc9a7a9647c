import type { Random } from '../../../../src-shared/science/random.ts'

/** A rectangle of pixels within an image; `bottom` and `right` are the first row and column after it. */
export type Hole = { top: number; left: number; bottom: number; right: number }

/**
 * Where Cutout (DeVries and Taylor 2017) cuts one image: a square of `side` pixels whose centre is uniform over the
 * image's size x size pixels, clipped at its border. Two numbers of the stream at each call.
 *
 * An even side covers the pixels from `side / 2` before the centre to `side / 2 - 1` after it, as in the authors' code
 * (uoguelph-mlrg/Cutout, one hole). An odd side has the centre in its middle; the authors' code cuts one pixel less.
 */
export function drawHole(random: Random, size: number, side: number): Hole {
  const top = random.integer(size) - Math.floor(side / 2)
  const left = random.integer(size) - Math.floor(side / 2)
  return {
    top: Math.max(0, top),
    left: Math.max(0, left),
    bottom: Math.min(size, top + side),
    right: Math.min(size, left + side)
  }
}

/** Writes `colour`, one value per channel, into a hole of an image of `width` pixels a row that starts at `start`. */
export function fillHole(
  out: Float32Array | Uint8Array,
  start: number,
  width: number,
  { top, left, bottom, right }: Hole,
  colour: ArrayLike<number>
): void {
  const channels = colour.length
  for (let row = top; row < bottom; row++)
    for (let column = left; column < right; column++)
      for (let channel = 0; channel < channels; channel++)
        out[start + (row * width + column) * channels + channel] = colour[channel]!
}
