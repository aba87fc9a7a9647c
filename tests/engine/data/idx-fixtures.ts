import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

/** An IDX file of bytes (type 8) or int32 (type 12), unpacked. */
export function encodeIdx(dims: number[], values: number[], type = 8): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * dims.length + values.length * (type === 8 ? 1 : 4))
  const view = new DataView(bytes.buffer)
  bytes.set([0, 0, type, dims.length])
  dims.forEach((dim, index) => view.setUint32(4 + 4 * index, dim))
  const start = 4 + 4 * dims.length
  values.forEach((value, index) =>
    type === 8 ? view.setUint8(start + index, value) : view.setInt32(start + 4 * index, value)
  )
  return bytes
}

export const idxNames = {
  trainImages: 'train-images-idx3-ubyte.gz',
  trainLabels: 'train-labels-idx1-ubyte.gz',
  testImages: 't10k-images-idx3-ubyte.gz',
  testLabels: 't10k-labels-idx1-ubyte.gz'
}

/** A folder with six training and three test images of 2 x 2 pixels in three classes; returns its path. */
export async function writeTinyDataset(
  folder: string,
  files: Partial<Record<keyof typeof idxNames, Uint8Array | null>> = {}
): Promise<string> {
  await mkdir(folder, { recursive: true })
  const contents = {
    trainImages: encodeIdx(
      [6, 2, 2],
      Array.from({ length: 24 }, (_, index) => index * 10)
    ),
    trainLabels: encodeIdx([6], [0, 1, 2, 0, 1, 2]),
    testImages: encodeIdx(
      [3, 2, 2],
      Array.from({ length: 12 }, (_, index) => 255 - index)
    ),
    testLabels: encodeIdx([3], [2, 1, 0]),
    ...files
  }
  for (const [key, bytes] of Object.entries(contents))
    if (bytes) await writeFile(join(folder, idxNames[key as keyof typeof idxNames]), gzipSync(bytes))
  return folder
}
