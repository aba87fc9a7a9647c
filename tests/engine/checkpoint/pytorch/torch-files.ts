import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeZip, type ZipContent } from '../../../../src-main/engine/checkpoint/zip/zip-encode.ts'
import { bytesOf, call, global, int, tuple, unicode, type Piece } from '../../pickle/pickle-writer.ts'
import { temporaryFolder } from '../../training/small-run.ts'

export const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer)

/** `('storage', torch.FloatStorage, key, 'cpu', count)` as a persistent id. */
export const storage = (key: string, count: Piece, type: Piece = global('torch', 'FloatStorage')): Piece => [
  tuple(unicode('storage'), type, unicode(key), unicode('cpu'), count),
  'Q'
]
export const orderedDict: Piece = call(global('collections', 'OrderedDict'))
/** `_rebuild_tensor_v2` of a storage. */
export const tensor = (from: Piece, offset: Piece, shape: Piece[], strides: Piece[]): Piece =>
  call(
    global('torch._utils', '_rebuild_tensor_v2'),
    from,
    offset,
    tuple(...shape),
    tuple(...strides),
    0x89,
    orderedDict
  )
/** One tensor [2] of the storage `0`. */
export const pair: Piece = tensor(storage('0', int(2)), int(0), [int(2)], [int(1)])

export const entry = (name: string, content: Uint8Array | string): ZipContent => {
  return { name, bytes: typeof content === 'string' ? bytesOf(content) : content }
}
/** Entries of a checkpoint: its pickle and its storages from `0` on. */
export const entriesOf = (pickle: Uint8Array, ...storages: Uint8Array[]): ZipContent[] => [
  entry('archive/data.pkl', pickle),
  entry('archive/byteorder', 'little'),
  ...storages.map((bytes, index) => entry(`archive/data/${index}`, bytes)),
  entry('archive/version', '3\n')
]

/** Writes a file and gives its path. */
export function fileOf(bytes: Uint8Array): string {
  const path = join(temporaryFolder(), 'weights.pth')
  writeFileSync(path, bytes)
  return path
}
/** Writes a checkpoint of a pickle and storages, and gives its path. */
export const zipFile = (pickle: Uint8Array, ...storages: Uint8Array[]): string =>
  fileOf(encodeZip(entriesOf(pickle, ...storages)))

/** Where an entry's header, its bytes and its record in the directory begin. */
export function placesIn(zip: Uint8Array, name: string): { header: number; content: number; record: number } {
  const bytes = Buffer.from(zip.buffer, zip.byteOffset, zip.byteLength)
  const header = bytes.indexOf(name) - 30
  return {
    header,
    content: header + 30 + bytes.readUInt16LE(header + 26) + bytes.readUInt16LE(header + 28),
    record: bytes.lastIndexOf(name) - 46
  }
}
