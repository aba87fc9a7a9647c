import { crc32 } from 'node:zlib'
import { UserError } from '../../../../src-shared/errors.ts'
import { copyInPieces, finishPieces, inPieces, type Pieces } from '../pieces.ts'

/** What an entry holds: its bytes one after another, not copied. */
export type ZipContent = { name: string; bytes: Uint8Array }

const alignment = 64
/** Of the extra field that PyTorch fills up with: `FB`. */
const paddingId = 0x4246
const padding = 0x5a
const utf8Flag = 0x800
/** Midnight of 1980-01-01: the same entries give the same bytes. */
const date = 0x21
const mostBytes = 2 ** 32 - 1
const mostEntries = 65_534

/**
 * A zip archive of stored entries, as PyTorch lays it out: what each holds begins at a multiple of 64 bytes. The same
 * entries give the same bytes. Throws UserError where it would be larger than 4 GiB, or hold more than 65,534 entries.
 */
export const encodeZip = (entries: readonly ZipContent[]): Uint8Array => finishPieces(encodeZipInPieces(entries))

/** The same in pieces. */
export function* encodeZipInPieces(entries: readonly ZipContent[]): Pieces<Uint8Array> {
  requireRoomInZip(
    entries.length,
    entries.reduce((sum, { bytes }) => sum + bytes.length, 0)
  )
  const planned: (ZipContent & { path: Uint8Array; crc: number; at: number; start: number })[] = []
  let end = 0
  for (const { name, bytes } of entries) {
    const path = new TextEncoder().encode(name)
    const start = Math.ceil((end + 30 + path.length + 4) / alignment) * alignment
    let crc = 0
    for (const piece of inPieces(bytes)) {
      crc = crc32(piece, crc)
      yield piece.length
    }
    planned.push({ name, bytes, path, crc, at: end, start })
    end = start + bytes.length
  }
  const directory = end
  for (const { path } of planned) end += 46 + path.length
  requireRoomInZip(planned.length, end + 22)
  const file = new Uint8Array(end + 22)
  const view = new DataView(file.buffer)
  let record = directory
  for (const { bytes, path, crc, at, start } of planned) {
    const fill = start - at - 30 - path.length
    view.setUint32(at, 0x04034b50, true)
    writeFacts(view, at + 4, { crc, size: bytes.length, path: path.length, extra: fill })
    file.set(path, at + 30)
    view.setUint16(start - fill, paddingId, true)
    view.setUint16(start - fill + 2, fill - 4, true)
    file.fill(padding, start - fill + 4, start)
    yield* copyInPieces(file, bytes, start)
    view.setUint32(record, 0x02014b50, true)
    writeFacts(view, record + 6, { crc, size: bytes.length, path: path.length, extra: 0 })
    view.setUint32(record + 42, at, true)
    file.set(path, record + 46)
    record += 46 + path.length
  }
  view.setUint32(record, 0x06054b50, true)
  view.setUint16(record + 8, planned.length, true)
  view.setUint16(record + 10, planned.length, true)
  view.setUint32(record + 12, record - directory, true)
  view.setUint32(record + 16, directory, true)
  return file
}

/** Throws UserError where a zip archive can't hold so much. */
export function requireRoomInZip(entries: number, bytes: number): void {
  if (bytes > mostBytes)
    throw new UserError(
      `A zip archive holds at most 4 GiB, and this would be one of ${(bytes / 2 ** 30).toFixed(1)} GiB; export it as safetensors instead.`
    )
  if (entries > mostEntries)
    throw new UserError(
      `A zip archive holds at most ${mostEntries} files, and this would be one of ${entries}; export it as safetensors instead.`
    )
}

/** What the header before an entry and its record in the directory have in common: 26 bytes. */
function writeFacts(
  view: DataView,
  at: number,
  { crc, size, path, extra }: { crc: number; size: number; path: number; extra: number }
): void {
  view.setUint16(at + 2, utf8Flag, true)
  view.setUint16(at + 8, date, true)
  view.setUint32(at + 10, crc, true)
  view.setUint32(at + 14, size, true)
  view.setUint32(at + 18, size, true)
  view.setUint16(at + 22, path, true)
  view.setUint16(at + 24, extra, true)
}
