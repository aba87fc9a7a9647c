import { UserError } from '../../../../src-shared/errors.ts'
import { dataTypes, type DataType } from '../data-types.ts'
import type { OpenFile } from '../open-file.ts'
import { parseHeaderJson, quote, type HeaderValue } from './safetensors-header.ts'

export type Planned = { name: string; dtype: string; type: DataType; shape: number[]; start: number; end: number }
/** Bytes, as the format's own library has it. */
export const longestHeader = 100_000_000

/** The header of a safetensors file, checked against itself and the file's length. Throws UserError. */
export async function readLayout(
  file: OpenFile
): Promise<{ metadata: Map<string, string>; planned: Planned[]; dataStart: number }> {
  const { path, size, start } = file
  const refuse = (what: string) => new UserError(`${path} is not a safetensors file: ${what}.`)
  if (size < 8) throw refuse(`it holds ${size} bytes, less than the 8 of the header's length`)
  const declared = new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true)
  if (declared > BigInt(longestHeader))
    throw refuse(`its header would be ${declared} bytes long, and at most ${longestHeader} are allowed`)
  const headerLength = Number(declared)
  if (8 + headerLength > size)
    throw refuse(`its header would be ${headerLength} bytes long, but only ${size - 8} bytes follow`)
  const header = parseHeader(await file.read(8, headerLength), refuse)
  const metadata = readMetadata(path, header.get('__metadata__'))
  const dataStart = 8 + headerLength
  return { metadata, planned: planTensors(path, header, size - dataStart), dataStart }
}

function parseHeader(bytes: Uint8Array, refuse: (what: string) => UserError): Map<string, HeaderValue> {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw refuse('its header is not UTF-8 text')
  }
  if (!text.startsWith('{')) throw refuse('its header does not begin with {')
  try {
    const header = parseHeaderJson(text)
    if (header instanceof Map) return header
  } catch (error) {
    if (error instanceof SyntaxError) throw refuse(`its header cannot be understood, ${error.message}`)
    throw error
  }
  throw refuse('its header is not an object')
}

function readMetadata(path: string, value: HeaderValue | undefined): Map<string, string> {
  const metadata = new Map<string, string>()
  if (value === undefined) return metadata
  if (!(value instanceof Map)) throw new UserError(`${path}: __metadata__ is not an object.`)
  for (const [key, text] of value) {
    if (typeof text !== 'string') throw new UserError(`${path}: the metadata ${quote(key)} is not a text.`)
    metadata.set(key, text)
  }
  return metadata
}

/** Checks the header's entries against each other and the data's length; in the header's order. */
function planTensors(path: string, header: Map<string, HeaderValue>, dataLength: number): Planned[] {
  const planned: Planned[] = []
  for (const [name, entry] of header) if (name !== '__metadata__') planned.push(planTensor(path, name, entry))
  let expected = 0
  for (const { name, start, end } of planned.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    if (start !== expected)
      throw new UserError(`${path}: tensor ${quote(name)} begins at byte ${start} of the data instead of ${expected}.`)
    expected = end
  }
  if (expected !== dataLength)
    throw new UserError(`${path}: the tensors need ${expected} bytes of data, but the file holds ${dataLength}.`)
  return planned
}

function planTensor(path: string, name: string, entry: HeaderValue): Planned {
  const refuse = (what: string) => new UserError(`${path}: tensor ${quote(name)} ${what}.`)
  if (!(entry instanceof Map)) throw refuse('is not described by an object')
  for (const key of entry.keys())
    if (key !== 'dtype' && key !== 'shape' && key !== 'data_offsets')
      throw refuse(`has the unknown field ${quote(key)}`)
  const dtype = entry.get('dtype')
  if (typeof dtype !== 'string') throw refuse('has no data type')
  const type = dataTypes.get(dtype)
  if (!type) throw refuse(`has the data type ${quote(dtype)}, which is not supported`)
  const shape = entry.get('shape')
  if (!isNumbers(shape)) throw refuse('has no shape')
  const offsets = entry.get('data_offsets')
  if (!isNumbers(offsets) || offsets.length !== 2) throw refuse('has no data offsets')
  const [start, end] = offsets as [number, number]
  const bytes = shape.reduce((product, length) => product * length, type.bytes)
  if (end - start !== bytes)
    throw refuse(`has ${end - start} bytes, but its shape [${shape.join(', ')}] of ${dtype} needs ${bytes}`)
  return { name, dtype, type, shape, start, end }
}

const isNumbers = (value: HeaderValue | undefined): value is number[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'number')
