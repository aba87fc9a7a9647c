import { createHash, type Hash } from 'node:crypto'
import { UserError } from '../../../src-shared/errors.ts'
import type { Dataset, ImageShape, SplitName } from './dataset-types.ts'
import { largestLabel, type DatasetHead, type ReadOptions, type ReadSplit } from './formats/format.ts'
import { findFormat } from './formats/formats.ts'
import { pixelStatistics } from './pixel-statistics.ts'

/** A data set's content, without what it is called. */
export type DatasetContent = Omit<Dataset, 'name' | 'licence' | 'path'>
/** What an unopened data set is. */
export type FoundHead = DatasetHead & {
  format: string
  /** The format for people, with what the reader chose. */
  formatText: string
}

/** What the headers of the files at a path say. Throws UserError where they are no data set, or damaged. */
export async function describeFiles(path: string, options: ReadOptions): Promise<FoundHead> {
  const { format, listing } = await findFormat(path)
  const head = await format.describe(listing, options)
  return { ...head, format: format.id, formatText: head.note ? `${format.title}, ${head.note}` : format.title }
}

/** One split of the data set at a path, its labels checked against its classes. Throws UserError. */
export async function readFilesSplit(
  path: string,
  split: SplitName,
  options: ReadOptions
): Promise<ReadSplit & { classes: string[] }> {
  const { format, listing } = await findFormat(path)
  const classes = [...(options.classes ?? (await format.describe(listing, options)).classes)]
  const read = await format.readSplit(listing, split, options)
  checkLabels(read, classes)
  return { ...read, classes }
}

/** Reads and checks both splits, their hash and statistics. Throws UserError in a sentence that names the file. */
export async function readFiles(path: string, options: ReadOptions): Promise<DatasetContent & FoundHead> {
  const { format, listing } = await findFormat(path)
  const head = await format.describe(listing, options)
  const hash = createHash('sha256')
  const train = await format.readSplit(listing, 'train', options)
  addToHash(hash, train)
  const test = await format.readSplit(listing, 'test', options)
  addToHash(hash, test)
  if (train.shape.join() !== test.shape.join())
    throw new UserError(`${path}: train images are ${train.shape.join(' x ')}, test images ${test.shape.join(' x ')}.`)
  for (const read of [train, test]) checkLabels(read, head.classes)
  return {
    ...head,
    trainCount: train.split.count,
    testCount: test.split.count,
    shape: [...train.shape],
    format: format.id,
    formatText: head.note ? `${format.title}, ${head.note}` : format.title,
    hash: hash.digest('hex'),
    splits: { train: train.split, test: test.split },
    ...pixelStatistics(train.split.images, train.shape[2])
  }
}

function checkLabels({ split, labelsPath }: ReadSplit, classes: readonly string[]): void {
  const largest = largestLabel(split.labels)
  if (largest >= classes.length)
    throw new UserError(`${labelsPath} holds the label ${largest}; there are ${classes.length} classes.`)
}

function addToHash(hash: Hash, { split, shape, hashed }: ReadSplit): void {
  if (hashed) for (const bytes of hashed) hash.update(bytes)
  else hash.update(headerOf(split.count, shape)).update(split.images).update(littleEndian(split.labels))
}

const headerOf = (count: number, shape: ImageShape): string => `${[count, ...shape].join('x')}\n`

function littleEndian(labels: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(4 * labels.length)
  const view = new DataView(bytes.buffer)
  for (let index = 0; index < labels.length; index++) view.setInt32(4 * index, labels[index]!, true)
  return bytes
}
