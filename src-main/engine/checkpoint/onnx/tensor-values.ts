import { bfloat16ToFloat32, halfToFloat32 } from '../safetensors/float-types.ts'
import { quote } from '../../pickle/values.ts'
import { readExternal } from './external-data.ts'
import type { FileWalker } from './file-walker.ts'
import type { OnnxTensor } from './tensor-proto.ts'

/** Large tensors are written as bytes; a list of them would take eight times the memory. */
const mostListed = 2 ** 24

/** The numbers of a tensor, in its order of axes. Whole numbers beyond 2^53 are rounded. Throws UserError. */
export async function loadTensor(walker: FileWalker, tensor: OnnxTensor): Promise<Float32Array | Float64Array> {
  const { type, count, field, parts, external } = tensor
  if (external) return decode(await readExternal(walker, tensor), type.name)
  if (field === 'none' && count > 0) throw walker.damaged(`the tensor ${quote(tensor.name)} has no data`)
  const written = field === 'raw' ? type.name : field === 'float' ? 'FLOAT' : field === 'double' ? 'DOUBLE' : null
  const [first] = parts
  if (parts.length === 1 && typeof first === 'object' && written) return decode(await walker.bytes(first), written)
  if (count > mostListed)
    throw walker.damaged(`the tensor ${quote(tensor.name)} lists ${count} numbers one by one, which nobody does`)
  const values: number[] = []
  for (const part of parts) {
    if (typeof part === 'number') values.push(part)
    else {
      const bytes = await walker.bytes(part)
      // Not spread: there may be more than a call takes.
      for (const value of written ? decode(bytes, written) : walker.unpack(bytes)) values.push(value)
    }
  }
  if (values.length !== count)
    throw walker.damaged(`the tensor ${quote(tensor.name)} has ${values.length} numbers, not ${count}`)
  if (type.name === 'FLOAT16') return halfToFloat32(Uint16Array.from(values))
  if (type.name === 'BFLOAT16') return bfloat16ToFloat32(Uint16Array.from(values))
  return type.isInteger ? Float64Array.from(values) : Float32Array.from(values)
}

/** Numbers written one behind the other, little end first. */
function decode({ buffer }: Uint8Array<ArrayBuffer>, name: string): Float32Array | Float64Array {
  switch (name) {
    case 'FLOAT':
      return new Float32Array(buffer)
    case 'DOUBLE':
      return new Float32Array(new Float64Array(buffer))
    case 'FLOAT16':
      return halfToFloat32(new Uint16Array(buffer))
    case 'BFLOAT16':
      return bfloat16ToFloat32(new Uint16Array(buffer))
    case 'INT64':
      return Float64Array.from(new BigInt64Array(buffer), Number)
    case 'UINT64':
      return Float64Array.from(new BigUint64Array(buffer), Number)
    case 'INT32':
      return Float64Array.from(new Int32Array(buffer))
    case 'UINT32':
      return Float64Array.from(new Uint32Array(buffer))
    case 'INT16':
      return Float64Array.from(new Int16Array(buffer))
    case 'UINT16':
      return Float64Array.from(new Uint16Array(buffer))
    case 'INT8':
      return Float64Array.from(new Int8Array(buffer))
    default:
      return Float64Array.from(new Uint8Array(buffer))
  }
}
