import { UserError } from '../../../../src-shared/errors.ts'
import type { DatasetSplit, ImageShape, SplitName } from '../dataset-types.ts'

/** Which of CIFAR-100's labels are used: 100 classes or 20. */
export type LabelKind = 'fine' | 'coarse'

/** What a data set's files leave open. */
export type ReadOptions = {
  /** Side of the square that images of a folder are resized and cropped to, pixels. */
  size: number
  labels: LabelKind
  /** Class names where they are known from elsewhere; null where the files (or nothing) tell them. */
  classes: readonly string[] | null
}

/** What the headers of a data set's files say. */
export type DatasetHead = {
  classes: string[]
  trainCount: number
  testCount: number
  shape: ImageShape
  /** What the reader chose, for people: `1/5 of each class is the test split (seed 0)`; null where nothing. */
  note: string | null
}

/** One split, read and checked by itself. */
export type ReadSplit = {
  split: DatasetSplit
  shape: ImageShape
  /** The file (or folder) that the labels came from, for messages. */
  labelsPath: string
  /** What the data set's hash takes in, where it is not shape, pixels and labels. */
  hashed?: Uint8Array[]
}

/** A folder's (or a file's) entries, so that it is looked at once for all formats. */
export type Listing = {
  /** Absolute. */
  path: string
  isFile: boolean
  /** Names of the files in it, sorted; links are what they lead to, and left out where they lead out of the data set. */
  files: readonly string[]
  folders: readonly string[]
}

/** A way in which data sets lie on disk: one folder of `formats/`, one line in `formats/formats.ts`. */
export type DatasetFormat = {
  id: string
  /** For people: `CIFAR binary`. */
  title: string
  /** True where the entry is of this format, damaged or not, by names and first bytes. */
  match(listing: Listing): Promise<boolean>
  /** Reads as little as it can. Throws UserError. */
  describe(listing: Listing, options: ReadOptions): Promise<DatasetHead>
  /** Reads and checks one split. Throws UserError with a sentence that names the file. */
  readSplit(listing: Listing, split: SplitName, options: ReadOptions): Promise<ReadSplit>
}

/** The most that the pixels of a split may take, bytes: 1.3 million images of 32 x 32 in colour, 160,000 of 64 x 64. */
export const mostSplitBytes = 2 ** 31 - 1

/** The most images that a split may have. */
export const mostImages = 2 ** 24
const longestSide = 2048
const mostChannels = 4

/** Throws UserError where images are larger, or have more channels, than networks are trained with here. */
export function requireImageShape(path: string, [height, width, channels]: ImageShape): void {
  const isWithin = (value: number, most: number) => Number.isInteger(value) && value >= 1 && value <= most
  if (!(isWithin(height, longestSide) && isWithin(width, longestSide) && isWithin(channels, mostChannels)))
    throw new UserError(
      `${path} holds images of ${height} x ${width} x ${channels}; sides of 1 to ${longestSide} pixels and 1 to ${mostChannels} channels are read.`
    )
}

/** Throws UserError where a split would be too large, before anything is allocated for it. */
export function requireAllocatable(path: string, count: number, [height, width, channels]: ImageShape): void {
  if (count > mostImages) throw new UserError(`${path} holds ${count} images; at most ${mostImages} a split are read.`)
  const bytes = count * height * width * channels
  if (!(bytes <= mostSplitBytes))
    throw new UserError(
      `${path} would take ${bytes} bytes (${count} images of ${height} x ${width} x ${channels}); at most 2 GiB a split are read.`
    )
}

/** Names of classes that have none: their numbers. */
export const classNumbers = (count: number): string[] => Array.from({ length: count }, (_, label) => `${label}`)

/** The largest label; 0 where there are none. */
export function largestLabel(labels: ArrayLike<number>): number {
  let most = 0
  for (let index = 0; index < labels.length; index++) if (labels[index]! > most) most = labels[index]!
  return most
}
