import { inflateSync } from 'node:zlib'
import { UserError } from '../../../../../src-shared/errors.ts'

/** A file of 256 MiB has 32,768 of the usual 8 KiB. */
const mostChunks = 100_000
const mostPaletteBytes = 3 * 256
const known = ['IHDR', 'PLTE', 'IDAT', 'IEND']

/** What a PNG's header says of its rows. */
export type PngLayout = { width: number; height: number; bitsPerPixel: number; isInterlaced: boolean }

/** Of an interlaced PNG's seven passes: the first column and row, and the steps between them. */
const passes: readonly [x: number, y: number, dx: number, dy: number][] = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2]
]

/** Bytes that a PNG's pixels are unpacked to: rows with a byte in front of each. */
export function unpackedBytes({ width, height, bitsPerPixel, isInterlaced }: PngLayout): number {
  const rows = (columns: number, count: number) =>
    columns > 0 && count > 0 ? count * (Math.ceil((columns * bitsPerPixel) / 8) + 1) : 0
  if (!isInterlaced) return rows(width, height)
  let bytes = 0
  for (const [x, y, dx, dy] of passes) bytes += rows(Math.ceil((width - x) / dx), Math.ceil((height - y) / dy))
  return bytes
}

/**
 * Throws UserError where a PNG could take more memory than its header says: a second header, a critical chunk that is
 * unknown, a palette or chunks without end, interlaced pixels that unpack to more than they may. The decoder itself bounds
 * what it unpacks of all others.
 */
export function requirePlainPng(path: string, bytes: Buffer, layout: PngLayout): void {
  const damaged = (why: string, cause?: unknown) => new UserError(`${path} is damaged: ${why}.`, { cause })
  const pixels: Buffer[] = []
  const seen = new Set<string>()
  let type = ''
  let at = 8
  for (let count = 0; type !== 'IEND' && at + 12 <= bytes.length; count++) {
    const length = bytes.readUInt32BE(at)
    type = bytes.toString('latin1', at + 4, at + 8)
    const content = bytes.subarray(at + 8, at + 8 + length)
    if (count >= mostChunks) throw damaged(`it has more than ${mostChunks} chunks`)
    if (content.length < length) throw damaged('it ends inside a chunk')
    if ((type === 'IHDR') !== (count === 0)) throw damaged('it must have one header, at its beginning')
    if (type === 'IHDR' && length !== 13) throw damaged(`its header has ${length} bytes instead of 13`)
    if (type === 'PLTE' && (seen.has(type) || length > mostPaletteBytes)) throw damaged('it has more than 256 colours')
    const isCritical = (bytes[at + 4]! & 0x20) === 0
    if (isCritical && !known.includes(type))
      throw damaged(`it has the chunk ${JSON.stringify(type)}, which is not read`)
    if (type === 'IDAT') pixels.push(content)
    seen.add(type)
    at += 12 + length
  }
  if (!layout.isInterlaced) return
  try {
    inflateSync(Buffer.concat(pixels), { maxOutputLength: Math.max(1, unpackedBytes(layout)) })
  } catch (error) {
    throw damaged(`its pixels can't be unpacked, or are more than its size allows`, error)
  }
}
