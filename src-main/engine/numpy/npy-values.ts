import { UserError } from '../../../src-shared/errors.ts'
import { dataTypes, type DataType } from '../checkpoint/data-types.ts'
import type { TensorData } from '../checkpoint/format.ts'
import { quote } from '../pickle/values.ts'
import type { NpyHeader } from './npy.ts'

/** NumPy's kinds and bytes, by what safetensors calls them. */
const dtypes = new Map([
  ['f8', 'F64'],
  ['f4', 'F32'],
  ['f2', 'F16'],
  ['i8', 'I64'],
  ['i4', 'I32'],
  ['i2', 'I16'],
  ['i1', 'I8'],
  ['u8', 'U64'],
  ['u4', 'U32'],
  ['u2', 'U16'],
  ['u1', 'U8'],
  ['b1', 'BOOL']
])
const asLongs = (buffer: ArrayBuffer) => new BigInt64Array(buffer)
/** Those that checkpoints don't have; a number of 2^63 or more becomes negative, which no label is. */
const unsigned = new Map<string, DataType>([
  ['U64', { bytes: 8, make: asLongs }],
  ['U32', { bytes: 4, make: asLongs, convert: (buffer) => BigInt64Array.from(new Uint32Array(buffer), BigInt) }],
  [
    'U16',
    { bytes: 2, make: (buffer) => new Int32Array(buffer), convert: (buffer) => new Int32Array(new Uint16Array(buffer)) }
  ]
])

/** True for an array of fixed-width text. */
export const isText = ({ descr }: NpyHeader): boolean => /^[<>]U/.test(descr)

/** How an array's numbers are called and read; `name` begins the refusal. Throws UserError for other types. */
export function numberTypeOf(
  name: string,
  { descr }: NpyHeader
): { dtype: string; decode(bytes: Uint8Array): TensorData } {
  const dtype = dtypes.get(descr.slice(1)) ?? ''
  const type = dataTypes.get(dtype) ?? unsigned.get(dtype)
  if (!type) throw new UserError(`${name} holds values of the type ${quote(descr)}, which is not read.`)
  const { bytes: length, make, convert = make } = type
  return {
    dtype,
    decode(bytes) {
      // A copy: aligned, and of its own.
      const own = new Uint8Array(bytes)
      if (descr.startsWith('>')) turnAround(own, length)
      return convert(own.buffer)
    }
  }
}

/** Big-endian elements as little-endian ones, in place. */
function turnAround(bytes: Uint8Array<ArrayBuffer>, length: number): void {
  if (length === 2) Buffer.from(bytes.buffer).swap16()
  else if (length === 4) Buffer.from(bytes.buffer).swap32()
  else if (length === 8) Buffer.from(bytes.buffer).swap64()
}

/** The texts of an array of fixed-width text (`<U12`): UTF-32, filled up with zeros. */
export function textsOf({ descr, shape }: NpyHeader, bytes: Uint8Array): string[] {
  const count = shape.reduce((product, side) => product * side, 1)
  const width = Number(descr.slice(2))
  const isLittle = !descr.startsWith('>')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: count }, (_, index) => {
    let text = ''
    for (let at = index * width * 4; at < (index + 1) * width * 4; at += 4) {
      const code = view.getUint32(at, isLittle)
      if (code === 0) break
      text += code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd'
    }
    return text
  })
}
