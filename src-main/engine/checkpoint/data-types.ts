import type { TensorData } from './format.ts'
import type { OpenFile } from './open-file.ts'
import { bfloat16ToFloat32, halfToFloat32 } from './safetensors/float-types.ts'

/** How values of a type lie in a file (little-endian) and in memory. */
export type DataType = {
  /** Of an element in the file. */
  bytes: number
  /** An array for that many of them. */
  make(buffer: ArrayBuffer): TensorData
  /** Bytes of the file as values; absent where they are kept as they are. */
  convert?(buffer: ArrayBuffer): TensorData
}

const asFloats = (buffer: ArrayBuffer) => new Float32Array(buffer)
const asIntegers = (buffer: ArrayBuffer) => new Int32Array(buffer)
const asBytes = (buffer: ArrayBuffer) => new Uint8Array(buffer)

/** Every type of values that is read, by its name in `TensorHeader`. */
export const dataTypes: ReadonlyMap<string, DataType> = new Map<string, DataType>([
  ['F64', { bytes: 8, make: asFloats, convert: (buffer) => new Float32Array(new Float64Array(buffer)) }],
  ['F32', { bytes: 4, make: asFloats }],
  ['F16', { bytes: 2, make: asFloats, convert: (buffer) => halfToFloat32(new Uint16Array(buffer)) }],
  ['BF16', { bytes: 2, make: asFloats, convert: (buffer) => bfloat16ToFloat32(new Uint16Array(buffer)) }],
  ['I64', { bytes: 8, make: (buffer) => new BigInt64Array(buffer) }],
  ['I32', { bytes: 4, make: asIntegers }],
  ['I16', { bytes: 2, make: asIntegers, convert: (buffer) => new Int32Array(new Int16Array(buffer)) }],
  ['I8', { bytes: 1, make: asIntegers, convert: (buffer) => new Int32Array(new Int8Array(buffer)) }],
  ['U8', { bytes: 1, make: asBytes }],
  ['BOOL', { bytes: 1, make: asBytes }]
])

/** Elements that are converted at once: beside the values themselves no more than these are held. */
const chunkElements = 2 ** 18

/** `count` values of a type from `position` on; those kept as they are lie where they were read. Throws UserError. */
export async function readValues(
  file: OpenFile,
  { bytes, make, convert }: DataType,
  position: number,
  count: number
): Promise<TensorData> {
  const read = async (from: number, elements: number) =>
    (await file.read(position + from * bytes, elements * bytes)).buffer
  if (!convert) return make(await read(0, count))
  if (count <= chunkElements) return convert(await read(0, count))
  // Refused here where the file ends before, and not after memory was taken.
  await read(count, 0)
  // Every type that is converted is held in four bytes.
  const values = make(new ArrayBuffer(4 * count)) as Float32Array | Int32Array
  for (let at = 0; at < count; at += chunkElements)
    values.set(convert(await read(at, Math.min(chunkElements, count - at))) as typeof values, at)
  return values
}
