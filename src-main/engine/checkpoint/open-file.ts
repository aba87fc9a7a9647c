import { createHash } from 'node:crypto'
import { open, stat, type FileHandle } from 'node:fs/promises'
import { UserError } from '../../../src-shared/errors.ts'
import { explainFileError } from '../../file-errors.ts'

/** A regular file that lies open: all that a format reads goes through it, so nothing beside the file is touched. */
export type OpenFile = {
  path: string
  /** Bytes. */
  size: number
  /** The first bytes, at most 64. */
  start: Uint8Array
  /** `length` bytes from `position` on in a buffer of their own. Throws UserError where the file does not have them. */
  read(position: number, length: number): Promise<Uint8Array<ArrayBuffer>>
  /** SHA-256 of the file, hex. */
  hash(): Promise<string>
  handle: FileHandle
}

const startBytes = 64
/** Large enough to be few reads, small enough to let others in between. */
const chunkBytes = 256 * 1024
const mostAtOnce = 2 ** 30

/** Opens a file for `work` and closes it again. Throws UserError for a folder, a pipe, or where it cannot be read. */
export async function withOpenFile<R>(path: string, work: (file: OpenFile) => Promise<R>): Promise<R> {
  try {
    // Asked before opening: to open a pipe is to wait for somebody who writes into it.
    const entry = await stat(path)
    if (entry.isDirectory()) throw new UserError(`${path} is a folder, not a file.`)
    if (!entry.isFile()) throw new UserError(`${path} is not a regular file.`)
    const handle = await open(path)
    try {
      const { size } = await handle.stat()
      const read = (position: number, length: number) => readAt(handle, path, position, length, size)
      const start = await read(0, Math.min(startBytes, size))
      return await work({ path, size, start, read, hash: () => hashOf(handle), handle })
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw explainFileError(error, path)
  }
}

async function readAt(
  handle: FileHandle,
  path: string,
  position: number,
  length: number,
  size: number
): Promise<Uint8Array<ArrayBuffer>> {
  // Before memory is taken for it.
  if (!(position >= 0 && length >= 0 && position + length <= size))
    throw new UserError(`${path} ends before byte ${position + length}: it is cut off or damaged.`)
  const bytes = new Uint8Array(new ArrayBuffer(length))
  for (let filled = 0; filled < length;) {
    const { bytesRead } = await handle.read(bytes, filled, Math.min(length - filled, mostAtOnce), position + filled)
    if (bytesRead === 0) throw new UserError(`${path} became shorter while it was read.`)
    filled += bytesRead
  }
  return bytes
}

async function hashOf(handle: FileHandle): Promise<string> {
  const hash = createHash('sha256')
  const buffer = Buffer.allocUnsafe(chunkBytes)
  for (let at = 0; ;) {
    const { bytesRead } = await handle.read(buffer, 0, chunkBytes, at)
    if (bytesRead === 0) return hash.digest('hex')
    hash.update(buffer.subarray(0, bytesRead))
    at += bytesRead
  }
}
