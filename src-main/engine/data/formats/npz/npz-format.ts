import { UserError } from '../../../../../src-shared/errors.ts'
import { quote } from '../../../pickle/values.ts'
import { readNpy, readNpyHeader } from '../../../numpy/npy.ts'
import type { SplitName } from '../../dataset-types.ts'
import { fromPlanes, imageLayout, type ImageLayout } from '../../image-layout.ts'
import { classNumbers, largestLabel, requireAllocatable, requireImageShape, type DatasetFormat } from '../format.ts'
import { findArrays, holdsArrays, type SplitArrays } from './find-arrays.ts'
import { labelValues, requireLabels } from './labels.ts'

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
async function readHeads({ images, labels }: SplitArrays[SplitName]): Promise<ImageLayout> {
  const { descr, shape } = await readNpyHeader(images)
  if (descr !== '|u1')
    throw new UserError(`${images.name} holds values of the type ${quote(descr)}; images are bytes, uint8 (0 to 255).`)
  const layout = imageLayout(images.name, shape)
  requireImageShape(images.name, layout.shape)
  requireAllocatable(images.name, layout.count, layout.shape)
  const labelHeader = await readNpyHeader(labels)
  requireLabels(labels.name, labelHeader)
  if (labelHeader.shape[0] !== layout.count)
    throw new UserError(`${labels.name} holds ${labelHeader.shape[0]} labels for ${layout.count} images.`)
  return layout
}
