import type { TensorData } from '../format.ts'
import { copyInPieces, finishPieces, type Pieces } from '../pieces.ts'
import type { SafetensorsTensor } from './safetensors-file.ts'

const written = new Map<string, { bytes: number; holds: new (length: number) => TensorData }>([
  ['I64', { bytes: 8, holds: BigInt64Array }],
  ['F32', { bytes: 4, holds: Float32Array }],
  ['I32', { bytes: 4, holds: Int32Array }],
  ['U8', { bytes: 1, holds: Uint8Array }],
  ['BOOL', { bytes: 1, holds: Uint8Array }]
])

/**
 * The bytes of a safetensors file; the same tensors and metadata give the same bytes, whatever their order.
 *
 * Tensors lie by size of their type, largest first, then by name, as the format's own library writes them, so each is
 * aligned. Writes F32, I64, I32, U8 and BOOL; throws RangeError where type, shape and data do not fit together.
 */
export const encodeSafetensors = (
  tensors: ReadonlyMap<string, SafetensorsTensor>,
  metadata: ReadonlyMap<string, string> = new Map()
): Uint8Array => finishPieces(encodeSafetensorsInPieces(tensors, metadata))

/** The same in pieces. */
export function* encodeSafetensorsInPieces(
  tensors: ReadonlyMap<string, SafetensorsTensor>,
  metadata: ReadonlyMap<string, string>
): Pieces<Uint8Array> {
  const sorted = [...tensors]
    .map(([name, tensor]) => ({ name, tensor, size: elementBytes(name, tensor) }))
    .sort((a, b) => b.size - a.size || compare(a.name, b.name))
  const fields: string[] = []
  if (metadata.size > 0) {
    const pairs = [...metadata].sort(([a], [b]) => compare(a, b))
    fields.push(
      `"__metadata__":{${pairs.map(([key, text]) => `${JSON.stringify(key)}:${JSON.stringify(text)}`).join()}}`
    )
  }
  let end = 0
  for (const { name, tensor } of sorted) {
    const { dtype, shape, data } = tensor
    const start = end
    end += data.byteLength
    fields.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [start, end] })}`)
  }
  const json = new TextEncoder().encode(`{${fields.join()}}`)
  const headerLength = Math.ceil(json.length / 8) * 8
  const file = new Uint8Array(8 + headerLength + end).fill(0x20, 8, 8 + headerLength)
  new DataView(file.buffer).setBigUint64(0, BigInt(headerLength), true)
  file.set(json, 8)
  let at = 8 + headerLength
  for (const { data } of sorted.map(({ tensor }) => tensor)) {
    yield* copyInPieces(file, new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
    at += data.byteLength
  }
  return file
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** Size of one element; throws RangeError where the tensor cannot be written. */
function elementBytes(name: string, { dtype, shape, data }: SafetensorsTensor): number {
  const type = written.get(dtype)
  const count = shape.reduce((product, length) => product * length, 1)
  if (name === '__metadata__' || !type || !(data instanceof type.holds) || data.length !== count)
    throw new RangeError(`Tensor ${name} cannot be written: ${dtype} [${shape.join()}] with ${data.length} values.`)
  return type.bytes
}
