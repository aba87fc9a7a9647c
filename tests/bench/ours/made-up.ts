import { join } from 'node:path'
import { writeFileSync } from 'node:fs'

/** Height, width and channels of the benchmarks' images. */
export const imageShape: [number, number, number] = [32, 32, 3]
export const classes = 100
const imageSize = 32 * 32 * 3

/** Made-up numbers of 32 bits: the same in both languages, see peers/common.py. */
function scrambled(index: number): number {
  let x = Math.imul(index, 2654435761) >>> 0
  x = Math.imul(x ^ (x >>> 16), 2246822519) >>> 0
  return (x ^ (x >>> 13)) >>> 0
}

/** Images `first` to `first + count - 1` as bytes, NHWC. */
export const imageBytes = (first: number, count: number): Uint8Array =>
  Uint8Array.from({ length: count * imageSize }, (_, index) => scrambled(first * imageSize + index) >>> 24)

/** The first `count` images, about standardised, NHWC. */
export const images = (count: number): Float32Array =>
  Float32Array.from(imageBytes(0, count), (byte) => (byte - 127.5) / 73.9)

export const labels = (count: number): Int32Array => Int32Array.from({ length: count }, (_, index) => index % classes)

/** The four IDX files of a data set with `count` images in each split, train first. */
export function writeDataset(folder: string, count: number): void {
  for (const [position, split] of ['train', 't10k'].entries()) {
    const pixels = imageBytes(position * count, count)
    writeFileSync(join(folder, `${split}-images-idx3-ubyte`), idx([count, ...imageShape], pixels))
    writeFileSync(join(folder, `${split}-labels-idx1-ubyte`), idx([count], Uint8Array.from(labels(count))))
  }
}

/** An IDX file of bytes (http://yann.lecun.com/exdb/mnist). */
function idx(dims: number[], bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(4 + 4 * dims.length)
  head.writeUInt16BE(0x0800 + dims.length, 2)
  dims.forEach((size, index) => head.writeUInt32BE(size, 4 + 4 * index))
  return Buffer.concat([head, bytes])
}
