import { UserError } from '../../../../../src-shared/errors.ts'
import type { DatasetSplit, ImageShape } from '../../dataset-types.ts'
import { findIdxFiles, isIdxName } from '../../idx-files.ts'
import { readIdx, readIdxHead } from '../../idx.ts'
import { classNumbers, largestLabel, requireAllocatable, requireImageShape, type DatasetFormat } from '../format.ts'

type SplitPaths = { images: string; labels: string }

/** The four IDX files of MNIST, Fashion-MNIST and their kin, packed with gzip or not. */
export const idx: DatasetFormat = {
  id: 'idx',
  title: 'IDX',
  match: async ({ files }) => files.some(isIdxName),

  async describe(listing, { classes }) {
    const files = findIdxFiles(listing)
    const train = await readHeads(files.train)
    const test = await readHeads(files.test)
    const names = classes ?? namesOf(files.train.labels, (await readIdx(files.train.labels)).values)
    return { classes: [...names], trainCount: train.count, testCount: test.count, shape: train.shape, note: null }
  },

  async readSplit(listing, name) {
    const files = findIdxFiles(listing)[name]
    const { count, shape } = await readHeads(files)
    const images = await readIdx(files.images)
    const labels = await readIdx(files.labels)
    if (!(images.values instanceof Uint8Array) || images.dims[0] !== count || labels.values.length !== count)
      throw new UserError(`${files.images} was changed while it was read.`)
    checkLabels(files.labels, labels.values)
    const split: DatasetSplit = { images: images.values, labels: labels.values, count }
    return { split, shape, labelsPath: files.labels, hashed: [images.bytes, labels.bytes] }
  }
}

/** What the headers of a split's two files say, before anything is read for them. Throws UserError where they don't fit. */
async function readHeads({ images, labels }: SplitPaths): Promise<{ count: number; shape: ImageShape }> {
  const { dims, isBytes } = await readIdxHead(images)
  const { dims: labelDims } = await readIdxHead(labels)
  const [count = 0] = dims
  const shape = imageShape(images, dims)
  if (labelDims.length !== 1) throw new UserError(`${labels} has ${labelDims.length} dimensions; labels have 1.`)
  if (!isBytes) throw new UserError(`${images} holds int32 values; images are bytes.`)
  if (count === 0) throw new UserError(`${images} holds no images.`)
  if (labelDims[0] !== count) throw new UserError(`${labels} holds ${labelDims[0]} labels for ${count} images.`)
  requireAllocatable(images, count, shape)
  return { count, shape }
}

function checkLabels(path: string, labels: Uint8Array | Int32Array): void {
  if (labels.some((label) => label < 0 || label > 65535))
    throw new UserError(`${path} holds labels outside 0 to 65535.`)
}

function namesOf(path: string, labels: Uint8Array | Int32Array): string[] {
  checkLabels(path, labels)
  return classNumbers(largestLabel(labels) + 1)
}

function imageShape(path: string, dims: number[]): ImageShape {
  const [, height, width, channels = 1] = dims
  if (!height || !width || !channels)
    throw new UserError(`${path} is ${dims.join(' x ')}; images are count x height x width, or with channels behind.`)
  requireImageShape(path, [height, width, channels])
  return [height, width, channels]
}
