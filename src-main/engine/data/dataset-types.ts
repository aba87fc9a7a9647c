export type SplitName = 'train' | 'test'
export type ImageShape = [height: number, width: number, channels: number]
export type DatasetSplit = {
  /** N x H x W x C bytes. */
  images: Uint8Array
  /** Class of each image, 0-based. */
  labels: Uint8Array | Int32Array
  count: number
}
/** What a split takes in memory. */
export const bytesOf = ({ images, labels }: DatasetSplit): number => images.byteLength + labels.byteLength

/** What a process keeps of each kind of what it read, so that it need not read it again, bytes. */
export const mostCachedBytes = 2 ** 29

/** A labelled set of images, unpacked in memory. */
export type Dataset = {
  name: string
  classes: string[]
  /** As stored; of a folder of images, after their resizing. */
  shape: ImageShape
  /**
   * SHA-256, hex. Of IDX files: over the unpacked files (train images, train labels, test images, test labels). Of all other
   * formats: over shape, pixels (NHWC) and labels (int32, little-endian) of the train and the test split, so that CIFAR
   * has one hash, whichever of its files it was read from.
   */
  hash: string
  splits: Record<SplitName, DatasetSplit>
  /** Per channel over the pixels of the train split, in 0..1. */
  mean: number[]
  /** Standard deviation, likewise. */
  deviation: number[]
  licence: string
  /** The folder or file. */
  path: string
}
