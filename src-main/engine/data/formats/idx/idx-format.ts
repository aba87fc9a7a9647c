import { UserError } from '../../../../../src-shared/errors.ts'
import type { DatasetSplit, ImageShape } from '../../dataset-types.ts'
import { findIdxFiles, isIdxName } from '../../idx-files.ts'
import { readIdx, readIdxDims } from '../../idx.ts'
import { classNumbers, largestLabel, type DatasetFormat } from '../format.ts'

/** The four IDX files of MNIST, Fashion-MNIST and their kin, packed with gzip or not. */
export const idx: DatasetFormat = {
  id: 'idx',
  title: 'IDX',
  match: async ({ files }) => files.some(isIdxName),

  async describe({ path }, { classes }) {
    const files = await findIdxFiles(path)
    const train = await readIdxDims(files.train.images)
    const test = await readIdxDims(files.test.images)
    const names = classes ?? namesOf(files.train.labels, (await readIdx(files.train.labels)).values)
    const shape = imageShape(files.train.images, train)
    return { classes: [...names], trainCount: train[0] ?? 0, testCount: test[0] ?? 0, shape, note: null }
  },

  async readSplit({ path }, name) {
    const files = (await findIdxFiles(path))[name]
    const images = await readIdx(files.images)
    const labels = await readIdx(files.labels)
    const shape = imageShape(files.images, images.dims)
    const count = images.dims[0] ?? 0
    if (!(images.values instanceof Uint8Array))
      throw new UserError(`${files.images} holds int32 values; images are bytes.`)
    if (labels.dims.length !== 1)
      throw new UserError(`${files.labels} has ${labels.dims.length} dimensions; labels have 1.`)
    if (count === 0) throw new UserError(`${files.images} holds no images.`)
    if (labels.values.length !== count)
      throw new UserError(`${files.labels} holds ${labels.values.length} labels for ${count} images.`)
    checkLabels(files.labels, labels.values)
    const split: DatasetSplit = { images: images.values, labels: labels.values, count }
    return { split, shape, labelsPath: files.labels, hashed: [images.bytes, labels.bytes] }
  }
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
  if (height && width && channels) return [height, width, channels]
  throw new UserError(`${path} is ${dims.join(' x ')}; images are count x height x width, or with channels behind.`)
}
