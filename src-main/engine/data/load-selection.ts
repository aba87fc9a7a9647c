import { basename } from 'node:path'
import { UsageError } from '../../../src-shared/errors.ts'
import type { DataSelection } from '../../../src-shared/reports.ts'
import type { Preprocessing } from '../../../src-shared/preprocessing.ts'
import { prepareImages } from './batches.ts'
import { loadDataset, type ImageShape } from './dataset.ts'
import { inputSizeOf } from './input-size.ts'
import { readRawArrays } from './raw-arrays.ts'
import { balancedIndices } from './selection.ts'

/** The images that a measurement runs on. */
export type LoadedSelection = {
  name: string
  /** SHA-256 of the data, hex. */
  hash: string
  split: 'train' | 'test' | 'given'
  /** Positions in the split, ascending. */
  indices: Int32Array
  /** Of the images at `indices`, in their order; null where none were given. */
  labels: Int32Array | null
  count: number
  /** Of what `batch` gives: height, width, channels. */
  shape: ImageShape
  /** Images `from` to `to - 1` of the selection as a network's input, NHWC, freshly allocated. */
  batch(from: number, to: number): Float32Array
  /** Class names; null for raw arrays. */
  classes: string[] | null
}

/**
 * Opens what a DataSelection names.
 *
 * Data sets are padded (or resized) and normalised with `preprocessing` (a checkpoint carries its own), by default with the size that
 * `inputSizeOf` gives and the train split's mean and deviation; raw arrays are used as they are. Throws UsageError where
 * data set, split size or shape do not fit, UserError where a file cannot be read.
 */
export async function loadSelection(
  selection: DataSelection,
  seed: number,
  preprocessing?: Preprocessing
): Promise<LoadedSelection> {
  return selection.kind === 'arrays' ? openArrays(selection) : openDataset(selection, seed, preprocessing)
}

async function openDataset(
  selection: Extract<DataSelection, { kind: 'dataset' }>,
  seed: number,
  preprocessing?: Preprocessing
): Promise<LoadedSelection> {
  const dataset = await loadDataset(selection.name)
  const split = dataset.splits[selection.split]
  const limit = selection.orFewer ? atMost(selection.limit, split.count) : selection.limit
  if (limit !== null && limit > split.count)
    throw new UsageError(
      `The limit of ${limit} images is more than the ${split.count} of ${dataset.name}'s ${selection.split} split.`
    )
  const indices = balancedIndices(split.labels, limit, dataset.classes.length, seed)
  const { mean, deviation } = dataset
  const prepared = preprocessing ?? { size: inputSizeOf(dataset.shape), mean, deviation }
  if (prepared.mean.length !== dataset.shape[2])
    throw new UsageError(
      `The checkpoint takes ${prepared.mean.length} colour channels, but the images of ${dataset.name} have ${dataset.shape[2]}.`
    )
  const pixels = { images: split.images, shape: dataset.shape }
  return {
    name: dataset.name,
    hash: dataset.hash,
    split: selection.split,
    indices,
    labels: indices.map((index) => split.labels[index]!),
    count: indices.length,
    shape: [prepared.size, prepared.size, dataset.shape[2]],
    batch: (from, to) => prepareImages(pixels, indices.subarray(from, to), prepared),
    classes: dataset.classes
  }
}

const atMost = (limit: number | null, count: number) => (limit !== null && limit > count ? null : limit)

async function openArrays(selection: Extract<DataSelection, { kind: 'arrays' }>): Promise<LoadedSelection> {
  const { images, shape, labels, hash } = await readRawArrays(selection)
  const [count, ...imageShape] = shape
  const length = imageShape.reduce((product, size) => product * size, 1)
  return {
    name: basename(selection.imagesPath),
    hash,
    split: 'given',
    indices: Int32Array.from({ length: count }, (_, index) => index),
    labels,
    count,
    shape: imageShape,
    batch: (from, to) => images.slice(from * length, to * length),
    classes: null
  }
}
