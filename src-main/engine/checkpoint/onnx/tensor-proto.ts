import { quote } from '../../pickle/values.ts'
import { asNumber, asSpan, type Field, type FileWalker, type Span } from './file-walker.ts'

/** How a tensor's numbers are written: type, bytes of each in `raw_data`, and as safetensors names it. */
export type DataType = { name: string; bytes: number; dtype: string; isInteger: boolean }

const type = (name: string, bytes: number, dtype: string): DataType => ({
  name,
  bytes,
  dtype,
  isInteger: !dtype.includes('F')
})

/** By their numbers in TensorProto.DataType. */
export const dataTypes: ReadonlyMap<number, DataType> = new Map([
  [1, type('FLOAT', 4, 'F32')],
  [2, type('UINT8', 1, 'U8')],
  [3, type('INT8', 1, 'I8')],
  [4, type('UINT16', 2, 'I32')],
  [5, type('INT16', 2, 'I16')],
  [6, type('INT32', 4, 'I32')],
  [7, type('INT64', 8, 'I64')],
  [9, type('BOOL', 1, 'BOOL')],
  [10, type('FLOAT16', 2, 'F16')],
  [11, type('DOUBLE', 8, 'F64')],
  [12, type('UINT32', 4, 'I64')],
  [13, type('UINT64', 8, 'I64')],
  [16, type('BFLOAT16', 2, 'BF16')]
])

/** A TensorProto, its numbers not yet read. */
export type OnnxTensor = {
  name: string
  dims: number[]
  type: DataType
  /** How many numbers it has. */
  count: number
  /** Where they lie: parts of the file under the names of their fields, single numbers, or another file. */
  parts: (Span | number)[]
  field: 'raw' | 'float' | 'int32' | 'int64' | 'double' | 'uint64' | 'none'
  external: Map<string, string> | null
}

const highestRank = 8
/** 2^33 numbers are 32 GiB. */
const mostNumbers = 2 ** 33
const mostExternalEntries = 16

const dataFields = new Map<number, Exclude<OnnxTensor['field'], 'none'>>([
  [4, 'float'],
  [5, 'int32'],
  [7, 'int64'],
  [9, 'raw'],
  [10, 'double'],
  [11, 'uint64']
])

/** Reads a tensor's head. Throws UserError. */
export async function readTensor(walker: FileWalker, span: Span): Promise<OnnxTensor> {
  const dims: number[] = []
  const parts: OnnxTensor['parts'] = []
  let field: OnnxTensor['field'] = 'none'
  let [name, dataType, isExternal] = ['', 0, false]
  const external = new Map<string, string>()
  for await (const each of walker.fields(span)) {
    const kind = dataFields.get(each.id)
    if (kind) {
      if (field !== 'none' && field !== kind) throw walker.damaged(`the tensor ${quote(name)} is written in two ways`)
      field = kind
      parts.push(partOf(walker, each, kind))
    } else if (each.id === 1) await walker.integers(each, dims, highestRank)
    else if (each.id === 2) dataType = asNumber(walker, each, 'a data type')
    else if (each.id === 8) name = await walker.text(asSpan(walker, each, 'a name'))
    else if (each.id === 13) {
      const [key, value] = await readEntry(walker, asSpan(walker, each, 'a place'))
      if (external.size >= mostExternalEntries) throw walker.damaged('a place has too many entries')
      external.set(key, value)
    } else if (each.id === 14) isExternal = asNumber(walker, each, 'a place') === 1
    else if (each.id === 3) throw walker.damaged('a tensor is one of several segments, which nobody writes')
  }
  const found = dataTypes.get(dataType)
  if (!found) throw walker.damaged(`the tensor ${quote(name)} has the data type ${dataType}, which is not known here`)
  const count = dims.reduce((product, length) => product * length, 1)
  if (dims.some((length) => !(length >= 0)) || !(count <= mostNumbers))
    throw walker.damaged(`the tensor ${quote(name)} has the shape [${dims.join(', ')}]`)
  const tensor = { name, dims, type: found, count, parts, field, external: isExternal ? external : null }
  if (!isExternal) requireLength(walker, tensor)
  return tensor
}

function partOf(walker: FileWalker, field: Field, kind: OnnxTensor['field']): Span | number {
  if (field.kind === 'bytes') return { start: field.start, end: field.end }
  if (kind === 'raw') throw walker.damaged('raw data is a number')
  return field.value
}

/** Throws UserError where the file can't hold as many numbers as the shape has. */
function requireLength(walker: FileWalker, { name, dims, type: { bytes }, count, parts, field }: OnnxTensor): void {
  const length = parts.reduce<number>((sum, part) => sum + (typeof part === 'number' ? 0 : part.end - part.start), 0)
  const single = parts.filter((part) => typeof part === 'number').length
  const width = field === 'raw' ? bytes : field === 'float' ? 4 : field === 'double' ? 8 : 0
  // Other numbers take 1 to 10 bytes each.
  const left = count - single
  const isWhole = parts.every((part) => typeof part === 'number' || !width || (part.end - part.start) % width === 0)
  const isRight = isWhole && (width ? length === left * width : length >= left && length <= left * 10)
  if (!isRight)
    throw walker.damaged(
      `the tensor ${quote(name)} of shape [${dims.join(', ')}] has ${length} bytes of data, which are not its ${count} numbers`
    )
}

/** A StringStringEntryProto. */
export async function readEntry(walker: FileWalker, span: Span): Promise<[key: string, value: string]> {
  let [key, value] = ['', '']
  for await (const field of walker.fields(span)) {
    if (field.id === 1) key = await walker.text(asSpan(walker, field, 'a key'))
    else if (field.id === 2) value = await walker.text(asSpan(walker, field, 'a value'))
  }
  return [key, value]
}
