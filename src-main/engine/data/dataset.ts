import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { EngineResult } from '../../../src-shared/contract.ts'
import { UsageError, UserError } from '../../../src-shared/errors.ts'
import { packageRoot } from '../../package-root.ts'
import { findIdxFiles, type IdxFiles } from './idx-files.ts'
import { readIdx, readIdxDims } from './idx.ts'
import { pixelStatistics } from './pixel-statistics.ts'

export type SplitName = 'train' | 'test'
export type ImageShape = [height: number, width: number, channels: number]
export type DatasetSplit = {
  /** N x H x W x C bytes. */
  images: Uint8Array
  /** Class of each image, 0-based. */
  labels: Uint8Array | Int32Array
  count: number
}
/** A labelled set of images, unpacked in memory. */
export type Dataset = {
  name: string
  classes: string[]
  /** As stored. */
  shape: ImageShape
  /** SHA-256 over the unpacked files (train images, train labels, test images, test labels), hex. */
  hash: string
  splits: Record<SplitName, DatasetSplit>
  /** Per channel over the pixels of the train split, in 0..1. */
  mean: number[]
  /** Standard deviation, likewise. */
  deviation: number[]
  licence: string
  /** The folder. */
  path: string
}
type Known = { name: string; classes: string[]; licence: string; path: string }

const knownDatasets: Known[] = [
  {
    name: 'fashion-mnist',
    classes: ['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'],
    licence: 'MIT',
    path: join(packageRoot, 'resources', 'datasets', 'fashion-mnist')
  }
]

/** True for the name of a data set that is known; all else is a folder's path. */
export const isKnownDataset = (name: string): boolean => knownDatasets.some((known) => known.name === name)

/** Where a data set lies; `classes` is null where nothing but its labels tells them. */
export type DatasetPlace = { name: string; path: string; classes: string[] | null; licence: string }

/** A known data set by name, or a folder. Throws UsageError where there is neither. */
export async function findDataset(nameOrPath: string): Promise<DatasetPlace> {
  const known = knownDatasets.find(({ name }) => name === nameOrPath)
  if (known) return known
  await requireFolder(nameOrPath)
  const path = resolve(nameOrPath)
  return { name: basename(path), path, classes: null, licence: 'unknown' }
}

/** The data sets known by name; reads the files' headers only. */
export async function listDatasets(): Promise<EngineResult<'listDatasets'>> {
  return Promise.all(knownDatasets.map((known) => describeDataset(known)))
}

/** What the headers of a data set's files say; where `classes` is null, the labels of the train split, too. */
export async function describeDataset(place: DatasetPlace): Promise<EngineResult<'listDatasets'>[number]> {
  const { name, path, licence } = place
  const files = await findIdxFiles(path)
  const train = await readIdxDims(files.train.images)
  const test = await readIdxDims(files.test.images)
  const classes = place.classes ?? classNumbers(files.train.labels, (await readIdx(files.train.labels)).values)
  const shape = imageShape(files.train.images, train)
  return { name, path, classes: [...classes], trainCount: train[0] ?? 0, testCount: test[0] ?? 0, shape, licence }
}

const loaded = new Map<string, Promise<Dataset>>()

/**
 * A known data set by name, or the folder that holds the four IDX files; each is read once per process.
 *
 * Throws UsageError where there is no such data set or folder, UserError where a file is damaged.
 */
export async function loadDataset(nameOrPath: string): Promise<Dataset> {
  const place = await findDataset(nameOrPath)
  let dataset = loaded.get(place.path)
  if (!dataset) {
    dataset = readDataset(place)
    loaded.set(place.path, dataset)
    dataset.catch(() => loaded.delete(place.path))
  }
  return dataset
}

async function requireFolder(nameOrPath: string): Promise<void> {
  const isFolder = await stat(nameOrPath).then(
    (entry) => entry.isDirectory(),
    () => false
  )
  const names = knownDatasets.map(({ name }) => name).join(', ')
  if (!isFolder)
    throw new UsageError(
      `There is no data set or folder named ${JSON.stringify(nameOrPath)}; the data sets known are: ${names}.`
    )
}

async function readDataset({ name, path, classes: known, licence }: DatasetPlace): Promise<Dataset> {
  const files = await findIdxFiles(path)
  const hash = createHash('sha256')
  const train = await readSplit(files.train, hash)
  const test = await readSplit(files.test, hash)
  if (train.shape.join() !== test.shape.join())
    throw new UserError(`${path}: train images are ${train.shape.join(' x ')}, test images ${test.shape.join(' x ')}.`)
  const classes = known ?? classNumbers(train.labelsPath, train.split.labels)
  for (const { split, labelsPath } of [train, test])
    if (largest(split.labels) >= classes.length)
      throw new UserError(
        `${labelsPath} holds the label ${largest(split.labels)}; there are ${classes.length} classes.`
      )
  return {
    name,
    classes: [...classes],
    shape: train.shape,
    hash: hash.digest('hex'),
    splits: { train: train.split, test: test.split },
    ...pixelStatistics(train.split.images, train.shape[2]),
    licence,
    path
  }
}

/** Reads one split and checks it; `hash`, where given, takes in its unpacked files. */
export async function readSplit(
  files: IdxFiles[SplitName],
  hash?: { update(bytes: Uint8Array): unknown }
): Promise<{ split: DatasetSplit; shape: ImageShape; labelsPath: string }> {
  const images = await readIdx(files.images)
  const labels = await readIdx(files.labels)
  hash?.update(images.bytes)
  hash?.update(labels.bytes)
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
  return { split, shape, labelsPath: files.labels }
}

function checkLabels(path: string, labels: Uint8Array | Int32Array): void {
  if (labels.some((label) => label < 0 || label > 65535))
    throw new UserError(`${path} holds labels outside 0 to 65535.`)
}

/** Names of classes that have none: their numbers. */
function classNumbers(path: string, labels: Uint8Array | Int32Array): string[] {
  checkLabels(path, labels)
  return Array.from({ length: largest(labels) + 1 }, (_, label) => `${label}`)
}

function imageShape(path: string, dims: number[]): ImageShape {
  const [, height, width, channels = 1] = dims
  if (height && width && channels) return [height, width, channels]
  throw new UserError(`${path} is ${dims.join(' x ')}; images are count x height x width, or with channels behind.`)
}

const largest = (labels: Uint8Array | Int32Array): number => {
  let most = 0
  for (const label of labels) if (label > most) most = label
  return most
}
