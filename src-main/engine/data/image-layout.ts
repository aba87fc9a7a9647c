import { UserError } from '../../../src-shared/errors.ts'
import type { ImageShape } from './dataset-types.ts'

/** How an array holds images; planar ones have their channels one after the other, [N,C,H,W]. */
export type ImageLayout = { count: number; shape: ImageShape; isPlanar: boolean }

/** Which axis holds the channels: the last of three or four, or the second, but never by a guess. Throws UserError. */
export function imageLayout(name: string, shape: readonly number[]): ImageLayout {
  const [count = 0, second = 0, third = 0, last = 0] = shape
  const text = shape.join(' x ')
  if (shape.length !== 3 && shape.length !== 4)
    throw new UserError(`${name} is ${text}; images are count x height x width, or with channels behind or before.`)
  if (shape.includes(0)) throw new UserError(`${name} holds no images: it is ${text}.`)
  if (shape.length === 3) return { count, shape: [second, third, 1], isPlanar: false }
  const isChannels = (length: number) => length === 1 || length === 3
  if (isChannels(last) && isChannels(second))
    throw new UserError(
      `${name} is ${text}: whether the channels come first or last can't be told; give larger images.`
    )
  if (isChannels(last)) return { count, shape: [second, third, last], isPlanar: false }
  if (isChannels(second)) return { count, shape: [third, last, second], isPlanar: true }
  throw new UserError(`${name} is ${text}; images have 1 or 3 channels, as their last or their second axis.`)
}

/** Pixels of images whose channels lie one after the other [N,C,H,W], as [N,H,W,C]. */
export function fromPlanes(bytes: Uint8Array, count: number, [height, width, channels]: ImageShape): Uint8Array {
  if (channels === 1) return bytes
  const plane = height * width
  const out = new Uint8Array(bytes.length)
  for (let image = 0; image < count; image++)
    for (let channel = 0; channel < channels; channel++) {
      const from = (image * channels + channel) * plane
      const to = image * channels * plane + channel
      for (let pixel = 0; pixel < plane; pixel++) out[to + pixel * channels] = bytes[from + pixel]!
    }
  return out
}
