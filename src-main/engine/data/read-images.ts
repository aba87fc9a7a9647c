import { UsageError } from '../../../src-shared/errors.ts'
import type { LabRequest, LabResult } from '../../../src-shared/lab-contract.ts'
import {
  findDataset,
  hasChanged,
  type DatasetPlace,
  type DatasetSplit,
  type ImageShape,
  type SplitName
} from './dataset.ts'
import { readFilesSplit } from './read-dataset.ts'

type OpenedSplit = { name: string; classes: string[]; shape: ImageShape; split: DatasetSplit }

/** Splits kept unpacked, the last one used last; Fashion-MNIST's larger one is 47 MB. */
const opened = new Map<string, Promise<OpenedSplit>>()
const mostOpened = 4

/**
 * Pixels of the images at `indices`, in that order. A split is unpacked (off this thread) when the first image of it is
 * asked for. Throws UsageError where there is no such data set or image, UserError where a file is damaged.
 */
export async function readImages(request: LabRequest<'readImages'>): Promise<LabResult<'readImages'>> {
  const { name, classes, shape, split } = await openSplit(request.dataset, request.split)
  const outside = request.indices.find((index) => index >= split.count)
  if (outside !== undefined)
    throw new UsageError(
      `There is no image ${outside} in the ${request.split} split of ${name}: its ${split.count} images are numbered from 0.`
    )
  const bytes = shape[0] * shape[1] * shape[2]
  const pixels = new Uint8Array(request.indices.length * bytes)
  request.indices.forEach((index, position) =>
    pixels.set(split.images.subarray(index * bytes, (index + 1) * bytes), position * bytes)
  )
  return {
    shape: [...shape],
    pixels,
    labels: request.indices.map((index) => split.labels[index]!),
    classes: [...classes]
  }
}

async function openSplit(nameOrPath: string, splitName: SplitName): Promise<OpenedSplit> {
  const place = await findDataset(nameOrPath)
  const key = JSON.stringify([splitName, place.path, place.options, place.record?.hash])
  const found = opened.get(key)
  const split = found ?? unpack(place, splitName)
  opened.delete(key)
  opened.set(key, split)
  split.catch(() => opened.delete(key))
  for (const oldest of [...opened.keys()].slice(0, -mostOpened)) opened.delete(oldest)
  return split
}

/** Without the hash and the statistics that training and measuring need: they take longer than the reading. */
async function unpack({ name, path, options, record }: DatasetPlace, splitName: SplitName): Promise<OpenedSplit> {
  const { classes, split, shape } = await readFilesSplit(path, splitName, options)
  const isAsAdded = !record || (record.shape.join() === shape.join() && record[`${splitName}Count`] === split.count)
  if (!isAsAdded) throw hasChanged(record)
  return { name, classes, shape, split }
}
