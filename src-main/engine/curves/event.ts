import Pbf from 'pbf'

/** A scalar of a TensorBoard event. */
export type Scalar = { tag: string; value: number }
/** An event of TensorBoard: when, at which step, which scalars. */
export type ScalarEvent = { wallTime: number; step: number; scalars: Scalar[] }

const longestTag = 500
/** Field numbers of tensorflow/core/util/event.proto and framework/{summary,tensor}.proto. */
const event = { wallTime: 1, step: 2, summary: 5 }
const summary = { value: 1 }
const value = { tag: 1, simpleValue: 2, tensor: 8 }
const tensor = { dtype: 1, shape: 2, content: 4, floats: 5, doubles: 6, ints: 7, longs: 10 }
const types = { float: 1, double: 2, int32: 3, int64: 9 }

/** Reads an event's scalars, plain ones and those in tensors of one element. Null where the bytes are no event. */
export function readEvent(bytes: Uint8Array): ScalarEvent | null {
  try {
    // A copy: the reader takes the whole buffer that bytes lie in.
    return new Pbf(bytes.slice()).readFields(
      (field, read: ScalarEvent, pbf) => {
        if (field === event.wallTime) read.wallTime = pbf.readDouble()
        else if (field === event.step) read.step = pbf.readVarint(true)
        else if (field === event.summary) within(pbf).readFields(readSummary, read.scalars)
      },
      { wallTime: NaN, step: 0, scalars: [] }
    )
  } catch {
    return null
  }
}

/** The next message by itself, so that what it declares can't reach beyond it. Throws where it would. */
function within(pbf: Pbf): Pbf {
  const length = pbf.readVarint()
  if (!(length >= 0 && pbf.pos + length <= pbf.length)) throw new RangeError('It ends beyond what holds it.')
  const inner = new Pbf(pbf.buf.slice(pbf.pos, pbf.pos + length))
  pbf.pos += length
  return inner
}

function readSummary(field: number, scalars: Scalar[], pbf: Pbf): void {
  if (field !== summary.value) return
  const read = within(pbf).readFields(
    (inner, into: Scalar, pbf) => {
      if (inner === value.tag) into.tag = pbf.readString().slice(0, longestTag)
      else if (inner === value.simpleValue) into.value = pbf.readFloat()
      else if (inner === value.tensor) into.value = readTensor(within(pbf)) ?? into.value
    },
    { tag: '', value: undefined as unknown as number }
  )
  if (read.tag && typeof read.value === 'number') scalars.push(read)
}

/** The element of a tensor that holds one number; undefined of all others. */
function readTensor(pbf: Pbf): number | undefined {
  const read = pbf.readFields(
    (field, into: { dtype: number; content: Uint8Array | null; numbers: number[]; count: number }, pbf) => {
      if (field === tensor.dtype) into.dtype = pbf.readVarint()
      else if (field === tensor.shape) into.count = readCount(within(pbf))
      else if (field === tensor.content) into.content = pbf.readBytes()
      else if (field === tensor.floats) pbf.readPackedFloat(into.numbers)
      else if (field === tensor.doubles) pbf.readPackedDouble(into.numbers)
      else if (field === tensor.ints || field === tensor.longs) pbf.readPackedVarint(into.numbers, true)
    },
    { dtype: 0, content: null, numbers: [], count: 1 }
  )
  if (read.count !== 1) return undefined
  if (read.content) return inContent(read.dtype, read.content)
  const isNumber = Object.values(types).includes(read.dtype)
  return isNumber && read.numbers.length === 1 ? read.numbers[0] : undefined
}

/** Elements of a TensorShapeProto: dimensions (2), each with its size (1). */
function readCount(pbf: Pbf): number {
  return pbf.readFields(
    (field, into: { count: number }, pbf) => {
      if (field !== 2) return
      into.count *= within(pbf).readFields(
        (inner, dimension: { size: number }, pbf) => {
          if (inner === 1) dimension.size = pbf.readVarint(true)
        },
        { size: 0 }
      ).size
    },
    { count: 1 }
  ).count
}

function inContent(dtype: number, bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (dtype === types.float && bytes.length === 4) return view.getFloat32(0, true)
  if (dtype === types.double && bytes.length === 8) return view.getFloat64(0, true)
  if (dtype === types.int32 && bytes.length === 4) return view.getInt32(0, true)
  if (dtype === types.int64 && bytes.length === 8) return Number(view.getBigInt64(0, true))
  return undefined
}
