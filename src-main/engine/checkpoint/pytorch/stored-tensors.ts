import { UserError } from '../../../../src-shared/errors.ts'
import { quote, type PickleValue } from '../../pickle/values.ts'
import { readValues } from '../data-types.ts'
import type { Contents, StoredTensor, TensorData } from '../format.ts'
import type { OpenFile } from '../open-file.ts'
import { findWeights } from './find-weights.ts'
import { gather, isContiguous } from './strides.ts'
import type { TorchStorage, TorchTensor } from './torch-values.ts'

/** Several tensors may look at the same bytes (tied weights), but a small file can't stand for a large one. */
const mostTimes = 4
const mostBytesMore = 16 * 2 ** 20

/** What a checkpoint holds, from its pickle. Throws UserError. */
export async function readTorchContents(file: OpenFile, value: PickleValue): Promise<Contents> {
  const { tensors: found, notes, remarks } = findWeights(file.path, value)
  const most = file.size * mostTimes + mostBytesMore
  const tensors: Contents['tensors'] = new Map()
  let bytes = 0
  for (const [name, tensor] of found) {
    bytes += Math.max(tensor.count, tensor.span) * tensor.type.bytes
    if (!(bytes <= most))
      throw new UserError(
        `${file.path}: its tensors up to ${quote(name)} name the same bytes again and again; they would take ${bytes} bytes, and the file has ${file.size}.`
      )
    tensors.set(name, storedTensor(file, tensor))
  }
  const texts: Contents['notes'] = new Map()
  for (const [name, note] of notes) texts.set(name, typeof note === 'string' ? note : await readNote(file, note))
  return { tensors, notes: texts, remarks }
}

function storedTensor(file: OpenFile, tensor: TorchTensor): StoredTensor {
  const { type, shape } = tensor
  return { dtype: type.dtype, shape: [...shape], load: () => loadTensor(file, tensor) }
}

async function loadTensor(
  file: OpenFile,
  { storage, type, offset, span, shape, strides }: TorchTensor
): Promise<TensorData> {
  const values = await readValues(file, type, positionOf(storage) + offset * type.bytes, span)
  return isContiguous(shape, strides) ? values : gather(values, shape, strides)
}

async function readNote(file: OpenFile, tensor: TorchTensor): Promise<string> {
  const [value] = await loadTensor(file, tensor)
  // As many digits as a float32 has.
  return typeof value === 'number' ? `${Number(value.toPrecision(7))}` : `${value}`
}

function positionOf({ position, part, key }: TorchStorage): number {
  if (part) return positionOf(part.of) + part.offset
  if (position === null) throw new RangeError(`The storage ${key} has no place.`)
  return position
}
