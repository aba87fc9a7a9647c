import { createHash } from 'node:crypto'
import { open, stat } from 'node:fs/promises'
import { UsageError, UserError } from '../../../src-shared/errors.ts'
import type { DataSelection } from '../../../src-shared/reports.ts'
import { explainFileError } from '../../file-errors.ts'

export type RawArrays = {
  /** NHWC, used as they are. */
  images: Float32Array
  shape: [count: number, height: number, width: number, channels: number]
  labels: Int32Array | null
  /** SHA-256 of the file, hex. */
  hash: string
}

const largestBytes = 2 ** 30

/**
 * Reads a file of little-endian float32 images.
 *
 * Throws UsageError where shape, file size and number of labels contradict one another, UserError where the file
 * cannot be read.
 */
export async function readRawArrays(selection: Extract<DataSelection, { kind: 'arrays' }>): Promise<RawArrays> {
  const { imagesPath, shape, labels } = selection
  const shapeText = shape.join(',')
  if (shape.some((length) => length < 1))
    throw new UsageError(`The shape N,H,W,C needs four numbers of at least 1, not ${shapeText}.`)
  const bytes = shape.reduce((product, length) => product * length, 4)
  if (labels && labels.length !== shape[0])
    throw new UsageError(`The number of labels is ${labels.length}, but the shape ${shapeText} has ${shape[0]} images.`)
  const buffer = await readExactly(imagesPath, bytes, shapeText)
  const hash = createHash('sha256').update(buffer).digest('hex')
  return { images: new Float32Array(buffer.buffer), shape: [...shape], labels: labels && Int32Array.from(labels), hash }
}

async function readExactly(path: string, bytes: number, shapeText: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    // Asked before opening: to open a pipe is to wait for somebody who writes into it.
    const entry = await stat(path)
    if (entry.isDirectory()) throw new UserError(`${path} is a folder, not a file.`)
    if (!entry.isFile()) throw new UserError(`${path} is not a regular file.`)
    const file = await open(path)
    try {
      if (entry.size !== bytes)
        throw new UsageError(
          `${path} holds ${entry.size} bytes, but the shape ${shapeText} needs ${bytes} (${bytes / 4} float32 values).`
        )
      if (bytes > largestBytes) throw new UserError(`${path} holds ${bytes} bytes; at most 1 GiB is read at once.`)
      const buffer = new Uint8Array(new ArrayBuffer(bytes))
      let filled = 0
      while (filled < bytes) {
        const { bytesRead } = await file.read(buffer, filled, bytes - filled, filled)
        if (bytesRead === 0) throw new UserError(`${path} became shorter while it was read.`)
        filled += bytesRead
      }
      return buffer
    } finally {
      await file.close()
    }
  } catch (error) {
    throw explainFileError(error, path)
  }
}
