import { UsageError } from '../../../src-shared/errors.ts'
import type { LabRequest, LabResult } from '../../../src-shared/lab-contract.ts'
import { openGivenImages } from '../checkpoint/outputs/given-images.ts'
import {
  findDataset,
  hasChanged,
  type DatasetPlace,
  type DatasetSplit,
  type ImageShape,
  type SplitName
} from './dataset.ts'
import { bytesOf, mostCachedBytes } from './dataset-types.ts'
import { stampOf } from './file-stamp.ts'
import { readFilesSplit } from './read-dataset.ts'
import { createRecentCache } from './recent-cache.ts'

/** One split of a data set, unpacked. */
export type OpenedSplit = {
  name: string
  classes: string[]
  shape: ImageShape
  split: DatasetSplit
  /** Per channel over the train split, in 0..1; null where the data set was not added to the lab. */
  mean: readonly number[] | null
}

/** Splits kept unpacked; Fashion-MNIST's larger one takes 47 MB. */
const opened = createRecentCache<OpenedSplit>(mostCachedBytes, ({ split }) => bytesOf(split))

/**
 * Pixels of the images at `indices`, in that order. A split is unpacked (off this thread) when the first image of it is
 * asked for. Throws UsageError where there is no such data set or image, UserError where a file is damaged.
 */
export async function readImages(request: LabRequest<'readImages'>): Promise<LabResult<'readImages'>> {
  const { title, classes, shape, images, labels } = await openImages(request)
  const outside = request.indices.find((index) => index >= labels.length)
  if (outside !== undefined)
    throw new UsageError(`There is no image ${outside} in ${title}: its ${labels.length} images are numbered from 0.`)
  const bytes = shape[0] * shape[1] * shape[2]
  const pixels = new Uint8Array(request.indices.length * bytes)
  request.indices.forEach((index, position) =>
    pixels.set(images.subarray(index * bytes, (index + 1) * bytes), position * bytes)
  )
  return {
    shape: [...shape],
    pixels,
    labels: request.indices.map((index) => labels[index]!),
    classes: [...classes]
  }
}

type Images = Pick<OpenedSplit, 'classes' | 'shape'> & { title: string; images: Uint8Array; labels: ArrayLike<number> }

async function openImages({ dataset, split: splitName }: LabRequest<'readImages'>): Promise<Images> {
  if (splitName === 'given') {
    const { pixels, ...given } = await openGivenImages(dataset)
    return { ...given, title: dataset, images: pixels }
  }
  const { name, classes, shape, split } = await openSplit(dataset, splitName)
  return { title: `the ${splitName} split of ${name}`, classes, shape, images: split.images, labels: split.labels }
}

/** A split, unpacked once until its files are changed. Throws UsageError where there is none, UserError where it is damaged. */
export async function openSplit(nameOrPath: string, splitName: SplitName): Promise<OpenedSplit> {
  const place = await findDataset(nameOrPath)
  const { name, path, options, record } = place
  const key = JSON.stringify([splitName, name, path, options, record?.hash, await stampOf(path)])
  return opened.get(key, () => unpack(place, splitName))
}

/** Without the hash and the statistics that training and measuring need: they take longer than the reading. */
async function unpack({ name, path, options, record }: DatasetPlace, splitName: SplitName): Promise<OpenedSplit> {
  const { classes, split, shape } = await readFilesSplit(path, splitName, options)
  const isAsAdded = !record || (record.shape.join() === shape.join() && record[`${splitName}Count`] === split.count)
  if (!isAsAdded) throw hasChanged(record)
  return { name, classes, shape, split, mean: record?.mean ?? null }
}
