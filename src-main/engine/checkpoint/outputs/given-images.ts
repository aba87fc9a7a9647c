import { stat } from 'node:fs/promises'
import { UsageError, UserError } from '../../../../src-shared/errors.ts'
import { fromPlanes } from '../../data/image-layout.ts'
import type { ImageShape } from '../../data/dataset-types.ts'
import { createRecentCache } from '../../data/recent-cache.ts'
import { withCheckpoint } from '../checkpoint.ts'
import type { TensorData } from '../format.ts'

/** The images that a file of outputs holds: bytes, one after the other, [N,H,W,C]. */
export type GivenImages = { pixels: Uint8Array; shape: ImageShape; labels: number[]; classes: string[] }

const mostCachedBytes = 2 ** 28
const opened = createRecentCache<GivenImages>(mostCachedBytes, ({ pixels }) => pixels.length)

/**
 * The images of a file of outputs, read once until it changes. Throws UsageError where it holds none, UserError where their
 * values are neither bytes nor numbers in 0..1.
 */
export async function openGivenImages(path: string): Promise<GivenImages> {
  const { size, mtimeMs, ctimeMs } = await stat(path)
  return opened.get([path, size, mtimeMs, ctimeMs].join(' '), () => read(path))
}

async function read(path: string): Promise<GivenImages> {
  return withCheckpoint(path, async ({ facts, contents: { outputs } }) => {
    if (!outputs?.images) throw new UsageError(`There are no images in ${path}.`)
    const { tensor, layout } = outputs.images
    const bytes = toBytes(path, await tensor.load())
    return {
      pixels: layout.isPlanar ? fromPlanes(bytes, layout.count, layout.shape) : bytes,
      shape: layout.shape,
      labels: Array.from(await outputs.labels.load(), Number),
      classes: facts.classes
    }
  })
}

function toBytes(path: string, values: TensorData): Uint8Array {
  if (values instanceof Uint8Array) return values
  const isFloat = values instanceof Float32Array
  const most = isFloat ? 1 : 255
  return Uint8Array.from(values as ArrayLike<number | bigint>, (given) => {
    const value = Number(given)
    if (value >= 0 && value <= most) return Math.round(isFloat ? 255 * value : value)
    throw new UserError(
      `${path} holds the pixel ${value}; images are bytes, or numbers from 0 to 1 before any normalising.`
    )
  })
}
