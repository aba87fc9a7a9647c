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
/**
 * What a small read brings along, more and more while reads go on where the last one ended: its neighbours are asked for next,
 * and every read of a file costs time.
 */
const smallestWindow = 4 * 1024
const largestWindow = 256 * 1024
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
      const read = reader(handle, path, size)
      const start = await read(0, Math.min(startBytes, size))
      return await work({ path, size, start, read, hash: () => hashOf(handle), handle })
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw explainFileError(error, path)
  }
}

/** Reads an open file: small pieces out of a window that is held, large ones straight to where they stay. */
function reader(handle: FileHandle, path: string, size: number): OpenFile['read'] {
  async function fill(bytes: Uint8Array, position: number): Promise<Uint8Array> {
    for (let filled = 0; filled < bytes.length;) {
      const length = Math.min(bytes.length - filled, mostAtOnce)
      const { bytesRead } = await handle.read(bytes, filled, length, position + filled)
      if (bytesRead === 0) throw new UserError(`${path} became shorter while it was read.`)
      filled += bytesRead
    }
    return bytes
  }
  let windowBytes = smallestWindow
  let last = 0
  let window = { start: 0, end: 0, held: Promise.resolve<Uint8Array>(new Uint8Array(0)) }
  return async (position, length) => {
    // Before memory is taken for it.
    if (!(position >= 0 && length >= 0 && position + length <= size))
      throw new UserError(`${path} ends before byte ${position + length}: it is cut off or damaged.`)
    const bytes = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer)
    for (let filled = 0; filled < length;) {
      const at = position + filled
      if (at < window.start || at >= window.end) {
        const goesOn = at >= last && at - last < smallestWindow
        windowBytes = goesOn ? Math.min(2 * windowBytes, largestWindow) : smallestWindow
        last = Math.max(at + windowBytes, position + length)
        if (length - filled >= windowBytes) {
          await fill(bytes.subarray(filled), at)
          break
        }
        const end = Math.min(at + windowBytes, size)
        window = { start: at, end, held: fill(new Uint8Array(end - at), at) }
      }
      const { start, end, held } = window
      const piece = (await held).subarray(at - start, Math.min(end, position + length) - start)
      bytes.set(piece, filled)
      filled += piece.length
    }
    return bytes
  }
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
