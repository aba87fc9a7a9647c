import { UserError } from '../../../src-shared/errors.ts'
import { quote } from '../pickle/values.ts'
import type { ArraySource } from './array-source.ts'

/** What a .npy file says of its array. */
export type NpyHeader = {
  /** NumPy's type: byte order, kind and bytes, `|u1`, `<i8`. */
  descr: string
  shape: number[]
  /** Where the elements begin, bytes. */
  start: number
}
export type NpyArray = NpyHeader & { bytes: Uint8Array }

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]
/** Of a header; NumPy's own limit for safe reading. */
const mostHeaderBytes = 10_000
const mostBytes = 2 ** 31 - 1

// Written by NumPy itself: keys in this order, blanks up to a line feed. No part can match what the one before it can.
const pattern =
  /^\{\s?'descr': ?('[^']{0,200}'|[^,\s]{0,200}),\s?'fortran_order': ?(True|False),\s?'shape': ?\(([\d\s,]{0,200})\),?\s?\}\s*$/

/**
 * Reads the header of a .npy array (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html), versions 1
 * to 3. Throws UserError for Python objects, which would be a pickle, for column-major order, and where the size that the
 * header declares is not that of the file.
 */
export async function readNpyHeader(source: ArraySource): Promise<NpyHeader> {
  const { name } = source
  const head = await source.head(12 + mostHeaderBytes)
  if (head.length < 10 || magic.some((byte, index) => head[index] !== byte))
    throw new UserError(`${name} is not a .npy array.`)
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  const version = head[6]!
  if (version < 1 || version > 3) throw new UserError(`${name} is a .npy array of version ${version}; 1 to 3 are read.`)
  const isShort = version === 1
  const begin = isShort ? 10 : 12
  const length = isShort ? view.getUint16(8, true) : head.length < 12 ? 0 : view.getUint32(8, true)
  if (length > mostHeaderBytes) throw new UserError(`${name} has a header of ${length} bytes; it is not read.`)
  if (head.length < begin + length) throw new UserError(`${name} ends inside its header.`)
  const text = Buffer.from(head.buffer, head.byteOffset + begin, length).toString('latin1')
  const [, descrText, order, shapeText] = pattern.exec(text) ?? []
  const notUnderstood = () => new UserError(`${name} has a header that is not understood: ${quote(text.trim())}.`)
  if (descrText === undefined || shapeText === undefined) throw notUnderstood()
  const descr = descrText.replaceAll("'", '')
  if (descr.includes('O')) throw new UserError(`${name} holds Python objects, which are not read; save plain numbers.`)
  const [, kind, lengthText] = /^[<>|=]([a-zA-Z])(\d{1,3})$/.exec(descr) ?? []
  if (lengthText === undefined)
    throw new UserError(`${name} holds values of the type ${quote(descr)}, which is not read.`)
  if (order === 'True')
    throw new UserError(`${name} is stored column by column; save it after numpy.ascontiguousarray.`)
  const shape = parseShape(shapeText)
  if (!shape) throw notUnderstood()
  const start = begin + length
  // Text counts its characters, of four bytes each.
  const elementBytes = Number(lengthText) * (kind === 'U' ? 4 : 1)
  const end = shape.reduce((product, side) => product * side, elementBytes) + start
  if (end > mostBytes)
    throw new UserError(`${name} declares ${shape.join(' x ')} values of ${descr}, more than 2 GiB; it is not read.`)
  if (end !== source.size)
    throw new UserError(
      `${name} holds ${source.size} bytes, but its header declares ${end} (${shape.join(' x ')} of ${descr}).`
    )
  return { descr, shape, start }
}

/** A Python tuple of numbers: `3, 4`, `3,`, or nothing. */
function parseShape(text: string): number[] | null {
  const parts = text.split(',').map((part) => part.trim())
  if (parts.at(-1) === '') parts.pop()
  return parts.every((part) => /^\d{1,15}$/.test(part)) ? parts.map(Number) : null
}

/** Reads an array whole. Throws UserError. */
export async function readNpy(source: ArraySource): Promise<NpyArray> {
  const header = await readNpyHeader(source)
  return { ...header, bytes: (await source.read()).subarray(header.start) }
}
