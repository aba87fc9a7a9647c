import { open, stat } from 'node:fs/promises'
import { UserError } from '../../../../src-shared/errors.ts'
import { explainFileError } from '../../../file-errors.ts'

/** The size of a regular file, bytes. Throws UserError for all else: to open a pipe is to wait for who writes into it. */
export async function fileSize(path: string): Promise<number> {
  try {
    const entry = await stat(path)
    if (entry.isDirectory()) throw new UserError(`${path} is a folder, not a file.`)
    if (!entry.isFile()) throw new UserError(`${path} is not a regular file.`)
    return entry.size
  } catch (error) {
    throw explainFileError(error, path)
  }
}

/** The first bytes of a file, `most` of them or all it has. Throws UserError. */
export async function readHead(path: string, most: number): Promise<Uint8Array> {
  const size = await fileSize(path)
  return readFrom(path, Math.min(size, most))
}

/** A whole file of at most `mostBytes`, not a Buffer (whose slice() shares memory). Throws UserError. */
export async function readWhole(path: string, mostBytes: number): Promise<Uint8Array> {
  const size = await fileSize(path)
  if (size > mostBytes) throw new UserError(`${path} holds ${size} bytes; at most ${mostBytes} are read.`)
  return readFrom(path, size)
}

async function readFrom(path: string, length: number): Promise<Uint8Array> {
  try {
    const file = await open(path)
    try {
      const bytes = new Uint8Array(length)
      let filled = 0
      while (filled < length) {
        const { bytesRead } = await file.read(bytes, filled, length - filled, filled)
        if (bytesRead === 0) throw new UserError(`${path} became shorter while it was read.`)
        filled += bytesRead
      }
      return bytes
    } finally {
      await file.close()
    }
  } catch (error) {
    throw explainFileError(error, path)
  }
}
