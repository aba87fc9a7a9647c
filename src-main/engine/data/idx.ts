import { promisify } from 'node:util'
import { constants, gunzip, gunzipSync } from 'node:zlib'
import { UserError } from '../../../src-shared/errors.ts'
import { readHead, readWhole } from './formats/read-file.ts'

/** An IDX file's array, row-major; `bytes` is the whole file, unpacked. */
export type IdxArray = { dims: number[]; values: Uint8Array | Int32Array; bytes: Uint8Array }
type Header = { dims: number[]; elementBytes: 1 | 4; start: number; end: number }

/** The most that an IDX file may hold, in bytes. */
const largest = 2 ** 30
const headBytes = 4096
const unzip = promisify(gunzip)

const isGzip = (bytes: Uint8Array) => bytes[0] === 0x1f && bytes[1] === 0x8b

function parseHeader(path: string, bytes: Uint8Array): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 4 || view.getUint16(0) !== 0) throw new UserError(`${path} is not an IDX file.`)
  const type = view.getUint8(2)
  if (type !== 0x08 && type !== 0x0c)
    throw new UserError(
      `${path} holds IDX type 0x${type.toString(16).padStart(2, '0')}; only bytes and int32 are read.`
    )
  const rank = view.getUint8(3)
  const start = 4 + 4 * rank
  if (rank < 1 || rank > 4) throw new UserError(`${path} has ${rank} dimensions; 1 to 4 are read.`)
  if (bytes.length < start) throw new UserError(`${path} ends inside its header.`)
  const dims = Array.from({ length: rank }, (_, index) => view.getUint32(4 + 4 * index))
  const elementBytes = type === 0x08 ? 1 : 4
  const end = start + dims.reduce((product, dim) => product * dim, elementBytes)
  if (end > largest)
    throw new UserError(`${path} declares ${dims.join(' x ')} values, more than 1 GiB; it is not read.`)
  return { dims, elementBytes, start, end }
}

/** Dimensions and kind of the IDX file at `path`, gzip or plain, from its first bytes only; UserError if it is none. */
export async function readIdxHead(path: string): Promise<{ dims: number[]; isBytes: boolean }> {
  const { dims, elementBytes } = await readHeader(path)
  return { dims, isBytes: elementBytes === 1 }
}

async function readHeader(path: string): Promise<Header> {
  const head = await readHead(path, headBytes)
  return parseHeader(path, isGzip(head) ? unpackHead(path, head) : head)
}

function unpackHead(path: string, head: Uint8Array): Uint8Array {
  try {
    // Deflate packs 1032 to 1 at best; a flush that is not the end lets the data be cut off.
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 1100 * headBytes })
  } catch (error) {
    throw damaged(path, error)
  }
}

const damaged = (path: string, error: unknown) =>
  new UserError(`${path} is damaged: it cannot be unpacked.`, { cause: error })

async function unpack(path: string, packed: Uint8Array, end: number): Promise<Uint8Array> {
  try {
    return await unzip(packed, { maxOutputLength: end, chunkSize: 2 ** 20 })
  } catch (error) {
    const tooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
    if (tooLarge) throw new UserError(`${path} holds more than the ${end} bytes that its header declares.`)
    throw damaged(path, error)
  }
}

/** Reads an IDX file of bytes or int32, gzip or plain; every refusal is a UserError that names the file. */
export async function readIdx(path: string): Promise<IdxArray> {
  const { dims, elementBytes, start, end } = await readHeader(path)
  const stored = await readWhole(path, largest + headBytes)
  const bytes = isGzip(stored) ? await unpack(path, stored, end) : stored
  if (bytes.length !== end)
    throw new UserError(`${path} holds ${bytes.length} bytes, but its header declares ${end} (${dims.join(' x ')}).`)
  // Not a Buffer, whose slice() shares memory.
  if (elementBytes === 1)
    return { dims, values: new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start), bytes }
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, end - start)
  const values = Int32Array.from({ length: (end - start) / 4 }, (_, index) => view.getInt32(4 * index))
  return { dims, values, bytes }
}
