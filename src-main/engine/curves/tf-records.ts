import type { OpenFile } from '../checkpoint/open-file.ts'
import { maskedCrc32c } from './crc32c.ts'

const headBytes = 12
const footBytes = 4
/** Scalars take a few dozen bytes; pictures and graphs are passed over unread. */
const mostRecordBytes = 2 ** 20
const windowBytes = 2 ** 20

/**
 * The records of a TFRecord file: length, its masked CRC-32C, bytes, theirs. Ends at the first length that can't be
 * trusted, for nothing behind it can be found; gives why, a sentence's end, or null. Records whose bytes do not fit their
 * check sum, or that are larger than scalars are, are passed over.
 */
export async function eachRecord(file: OpenFile, use: (record: Uint8Array) => boolean): Promise<string | null> {
  const read = windowed(file)
  for (let at = 0; at < file.size;) {
    if (file.size - at < headBytes) return 'it is cut off'
    const head = await read(at, headBytes)
    const view = new DataView(head.buffer, head.byteOffset, headBytes)
    if (maskedCrc32c(head.subarray(0, 8)) !== view.getUint32(8, true)) return `it is damaged at byte ${at}`
    const length = view.getBigUint64(0, true)
    if (length > BigInt(file.size - at - headBytes - footBytes)) return 'it is cut off'
    const bytes = Number(length)
    if (bytes <= mostRecordBytes) {
      const record = await read(at + headBytes, bytes + footBytes)
      const crc = new DataView(record.buffer, record.byteOffset + bytes, footBytes).getUint32(0, true)
      const content = record.subarray(0, bytes)
      if (maskedCrc32c(content) === crc && !use(content)) return null
    }
    at += headBytes + bytes + footBytes
  }
  return null
}

/** Reads of a few bytes each from windows of the file. */
function windowed({ size, read }: OpenFile): (at: number, length: number) => Promise<Uint8Array> {
  let start = 0
  let bytes = new Uint8Array(0)
  return async (at, length) => {
    if (at < start || at + length > start + bytes.length) {
      start = at
      bytes = await read(at, Math.min(Math.max(length, windowBytes), size - at))
    }
    return bytes.subarray(at - start, at - start + length)
  }
}
