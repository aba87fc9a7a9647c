import { UserError } from '../../../../../src-shared/errors.ts'
import type { NpyArray, NpyHeader } from '../../../numpy/npy.ts'
import { quote } from '../../../pickle/values.ts'

/** Throws UserError where an array's header is not that of one whole number an image. */
export function requireLabels(name: string, header: NpyHeader): void {
  labelType(name, header)
}

type LabelType = { isLittle: boolean; kind: string; length: number }

function labelType(name: string, { descr, shape }: NpyHeader): LabelType {
  const [, order, kind, length] = /^([<>|=])([iu])([1248])$/.exec(descr) ?? []
  if (!order || !kind)
    throw new UserError(`${name} holds values of the type ${quote(descr)}; labels are whole numbers.`)
  const isColumn = shape.length === 2 && shape[1] === 1
  if (shape.length !== 1 && !isColumn)
    throw new UserError(`${name} is ${shape.join(' x ')}; labels are one number an image.`)
  return { isLittle: order !== '>', kind, length: Number(length) }
}

/** The values of an array of integers. Throws UserError for other types, and where one is not within 0 to 65535. */
export function labelValues(name: string, array: NpyArray): Int32Array {
  const { isLittle, kind, length } = labelType(name, array)
  const { bytes, shape } = array
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const read = readers[`${kind}${length}`]!
  return Int32Array.from({ length: shape[0]! }, (_, index) => {
    const value = read(view, index * length, isLittle)
    if (value >= 0 && value <= 65535) return value
    throw new UserError(`${name} holds the label ${value} at image ${index}; labels are 0 to 65535.`)
  })
}

const readers: Record<string, (view: DataView, at: number, isLittle: boolean) => number> = {
  i1: (view, at) => view.getInt8(at),
  u1: (view, at) => view.getUint8(at),
  i2: (view, at, isLittle) => view.getInt16(at, isLittle),
  u2: (view, at, isLittle) => view.getUint16(at, isLittle),
  i4: (view, at, isLittle) => view.getInt32(at, isLittle),
  u4: (view, at, isLittle) => view.getUint32(at, isLittle),
  i8: (view, at, isLittle) => Number(view.getBigInt64(at, isLittle)),
  u8: (view, at, isLittle) => Number(view.getBigUint64(at, isLittle))
}
