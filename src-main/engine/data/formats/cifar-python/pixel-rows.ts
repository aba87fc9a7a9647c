import { UserError } from '../../../../../src-shared/errors.ts'
import { NumpyArray } from '../../../pickle/numpy.ts'
import { describeValue, type PickleValue } from '../../../pickle/values.ts'
import { cifarImageBytes } from '../cifar.ts'

/** Images as the rows of a batch's array, one plane of 1024 bytes a colour. */
export type PixelRows = { count: number; row(index: number): Uint8Array }

/** The array `data` of a batch: count x 3072 bytes. Throws UserError where it is anything else. */
export function readPixelRows(path: string, value: PickleValue | undefined): PixelRows {
  if (!(value instanceof NumpyArray) || !value.dtype)
    throw new UserError(`${path} has ${describeValue(value)} for its data; that must be an array of bytes.`)
  const { bytes, isFortran, shape, dtype } = value
  const [count = 0, length] = shape
  if (dtype.code !== 'u1' || shape.length !== 2 || length !== cifarImageBytes)
    throw new UserError(
      `${path} holds an array of ${shape.join(' x ')} ${dtype.code}; it must be count x ${cifarImageBytes} u1.`
    )
  if (count === 0) throw new UserError(`${path} holds no images.`)
  if (!isFortran)
    return { count, row: (index) => bytes.subarray(index * cifarImageBytes, (index + 1) * cifarImageBytes) }
  return { count, row: (index) => Uint8Array.from({ length: cifarImageBytes }, (_, at) => bytes[at * count + index]!) }
}
