import { open, stat, type FileHandle } from 'node:fs/promises'
import { UserError } from '../../../../src-shared/errors.ts'
import { explainFileError } from '../../../file-errors.ts'
import { bfloat16ToFloat32, halfToFloat32 } from './float-types.ts'
import { foreignFormat } from './foreign-format.ts'
import { parseHeaderJson, quote, type HeaderValue } from './safetensors-header.ts'

export { encodeSafetensors } from './safetensors-encode.ts'

/** Values as they are held in memory: floats of any size as float32, I16 and I8 as int32, BOOL as bytes. */
export type TensorData = Float32Array | BigInt64Array | Int32Array | Uint8Array
export type SafetensorsTensor = {
  /** As in the file. */
  dtype: string
  shape: number[]
  data: TensorData
}
export type SafetensorsFile = { metadata: Map<string, string>; tensors: Map<string, SafetensorsTensor> }
/** A file's metadata, and of every tensor its name, type and shape. */
export type SafetensorsHeader = {
  metadata: Map<string, string>
  tensors: Map<string, Pick<SafetensorsTensor, 'dtype' | 'shape'>>
}
type Bytes = ArrayBuffer
type Planned = { name: string; dtype: string; type: DataType; shape: number[]; start: number; end: number }
type DataType = { bytes: number; decode(buffer: Bytes): TensorData }

const dataTypes = new Map<string, DataType>([
  ['F64', { bytes: 8, decode: (buffer) => new Float32Array(new Float64Array(buffer)) }],
  ['F32', { bytes: 4, decode: (buffer) => new Float32Array(buffer) }],
  ['F16', { bytes: 2, decode: (buffer) => halfToFloat32(new Uint16Array(buffer)) }],
  ['BF16', { bytes: 2, decode: (buffer) => bfloat16ToFloat32(new Uint16Array(buffer)) }],
  ['I64', { bytes: 8, decode: (buffer) => new BigInt64Array(buffer) }],
  ['I32', { bytes: 4, decode: (buffer) => new Int32Array(buffer) }],
  ['I16', { bytes: 2, decode: (buffer) => new Int32Array(new Int16Array(buffer)) }],
  ['I8', { bytes: 1, decode: (buffer) => new Int32Array(new Int8Array(buffer)) }],
  ['U8', { bytes: 1, decode: (buffer) => new Uint8Array(buffer) }],
  ['BOOL', { bytes: 1, decode: (buffer) => new Uint8Array(buffer) }]
])
const longestHeader = 100_000_000

/** Reads a safetensors file; every refusal is a UserError of one sentence that names the file and what is wrong. */
export async function readSafetensors(path: string): Promise<SafetensorsFile> {
  return withFile(path, async (file, size) => {
    const { metadata, planned, dataStart } = await readLayout(file, path, size)
    const tensors = new Map<string, SafetensorsTensor>()
    for (const { name, dtype, type, shape, start, end } of planned) {
      const buffer = await readAt(file, path, dataStart + start, end - start)
      tensors.set(name, { dtype, shape, data: type.decode(buffer) })
    }
    return { metadata, tensors }
  })
}

/** What a safetensors file says of its tensors, checked as `readSafetensors` does, without reading them. */
export async function readSafetensorsHeader(path: string): Promise<SafetensorsHeader> {
  return withFile(path, async (file, size) => {
    const { metadata, planned } = await readLayout(file, path, size)
    return { metadata, tensors: new Map(planned.map(({ name, dtype, shape }) => [name, { dtype, shape }])) }
  })
}

async function withFile<R>(path: string, read: (file: FileHandle, size: number) => Promise<R>): Promise<R> {
  try {
    // Asked before opening: to open a pipe is to wait for somebody who writes into it.
    const entry = await stat(path)
    if (entry.isDirectory()) throw new UserError(`${path} is a folder, not a safetensors file.`)
    if (!entry.isFile()) throw new UserError(`${path} is not a regular file.`)
    const file = await open(path)
    try {
      return await read(file, (await file.stat()).size)
    } finally {
      await file.close()
    }
  } catch (error) {
    throw explainFileError(error, path)
  }
}

async function readLayout(
  file: FileHandle,
  path: string,
  size: number
): Promise<{ metadata: Map<string, string>; planned: Planned[]; dataStart: number }> {
  const foreign = foreignFormat(new Uint8Array(await readAt(file, path, 0, Math.min(8, size))))
  const refuse = (what: string) => new UserError(`${path} is ${foreign ?? `not a safetensors file: ${what}`}.`)
  if (size < 8) throw refuse(`it holds ${size} bytes, less than the 8 of the header's length`)
  const declared = new DataView(await readAt(file, path, 0, 8)).getBigUint64(0, true)
  if (declared > BigInt(longestHeader))
    throw refuse(`its header would be ${declared} bytes long, and at most ${longestHeader} are allowed`)
  const headerLength = Number(declared)
  if (8 + headerLength > size)
    throw refuse(`its header would be ${headerLength} bytes long, but only ${size - 8} bytes follow`)
  const header = parseHeader(await readAt(file, path, 8, headerLength), refuse)
  const metadata = readMetadata(path, header.get('__metadata__'))
  const dataStart = 8 + headerLength
  return { metadata, planned: planTensors(path, header, size - dataStart), dataStart }
}

async function readAt(file: FileHandle, path: string, position: number, length: number): Promise<Bytes> {
  const bytes = new Uint8Array(new ArrayBuffer(length))
  for (let filled = 0; filled < length;) {
    const { bytesRead } = await file.read(bytes, filled, Math.min(length - filled, 2 ** 30), position + filled)
    if (bytesRead === 0) throw new UserError(`${path} became shorter while it was read.`)
    filled += bytesRead
  }
  return bytes.buffer
}

function parseHeader(bytes: Bytes, refuse: (what: string) => UserError): Map<string, HeaderValue> {
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
