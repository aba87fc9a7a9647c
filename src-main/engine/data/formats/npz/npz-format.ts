import { UserError } from '../../../../../src-shared/errors.ts'
import { quote } from '../../../pickle/values.ts'
import type { ImageShape, SplitName } from '../../dataset-types.ts'
import { classNumbers, largestLabel, requireAllocatable, requireImageShape, type DatasetFormat } from '../format.ts'
import { findArrays, holdsArrays, type SplitArrays } from './find-arrays.ts'
import { labelValues, readNpy, readNpyHeader, requireLabels, type NpyHeader } from './npy.ts'

type Layout = { count: number; shape: ImageShape; isPlanar: boolean }

/** NumPy arrays of bytes: an .npz archive as Keras writes it, or .npy files. */
export const npz: DatasetFormat = {
  id: 'npz',
  title: 'NumPy arrays',
  match: holdsArrays,

  async describe(listing, { classes }) {
    const { train, test } = await findArrays(listing)
    const { count, shape } = await readHeads(train)
    const testLayout = await readHeads(test)
    const names = classes ?? classNumbers(largestLabel(labelValues(train.labels.name, await readNpy(train.labels))) + 1)
    return { classes: [...names], trainCount: count, testCount: testLayout.count, shape, note: null }
  },

  async readSplit(listing, name) {
    const arrays = (await findArrays(listing))[name]
    const { count, shape, isPlanar } = await readHeads(arrays)
    const pixels = await readNpy(arrays.images)
    const labels = labelValues(arrays.labels.name, await readNpy(arrays.labels))
    if (labels.length !== count || pixels.bytes.length !== count * shape[0] * shape[1] * shape[2])
      throw new UserError(`${arrays.images.name} was changed while it was read.`)
    const images = isPlanar ? fromPlanes(pixels.bytes, count, shape) : pixels.bytes
    return { split: { images, labels, count }, shape, labelsPath: arrays.labels.name }
  }
}

/** What the headers of a split's two arrays say, before either is read. Throws UserError where they don't fit. */
async function readHeads({ images, labels }: SplitArrays[SplitName]): Promise<Layout> {
  const layout = layoutOf(images.name, await readNpyHeader(images))
  requireImageShape(images.name, layout.shape)
  requireAllocatable(images.name, layout.count, layout.shape)
  const labelHeader = await readNpyHeader(labels)
  requireLabels(labels.name, labelHeader)
  if (labelHeader.shape[0] !== layout.count)
    throw new UserError(`${labels.name} holds ${labelHeader.shape[0]} labels for ${layout.count} images.`)
  return layout
}

/** Which axis holds the channels: the last of three or four, or the second, but never by a guess. Throws UserError. */
function layoutOf(name: string, { descr, shape }: NpyHeader): Layout {
  if (descr !== '|u1')
    throw new UserError(`${name} holds values of the type ${quote(descr)}; images are bytes, uint8 (0 to 255).`)
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

function fromPlanes(bytes: Uint8Array, count: number, [height, width, channels]: ImageShape): Uint8Array {
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
