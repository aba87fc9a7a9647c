import { GlobalRefusal } from '../../pickle/globals.ts'
import { describeValue, GlobalName, Tuple, type PickleValue } from '../../pickle/values.ts'
import { dtypeTypes, TorchStorage, TorchTensor, type TorchType } from './torch-values.ts'

const mostDimensions = 64

/**
 * `torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks, metadata)`: a view into a storage, checked to
 * lie in it. Throws GlobalRefusal.
 */
export function rebuildTensor(args: readonly PickleValue[], type?: TorchType): TorchTensor {
  const [storage, offset, size, stride] = args
  if (!(storage instanceof TorchStorage)) throw new GlobalRefusal(`is given ${describeValue(storage)} for a storage`)
  const known = type ?? storage.type
  if (!known) throw new GlobalRefusal('is given a storage without a type')
  if (storage.type && storage.type !== known && storage.type.dtype !== known.dtype)
    throw new GlobalRefusal(`reads a storage of ${storage.type.dtype} as ${known.dtype}`)
  if (!isSize(offset)) throw new GlobalRefusal(`has the offset ${describeValue(offset)}`)
  const shape = sizesOf(size, 'a shape')
  const strides = sizesOf(stride, 'strides')
  if (shape.length !== strides.length)
    throw new GlobalRefusal(`has ${shape.length} axes, but strides for ${strides.length}`)
  const tensor = new TorchTensor(storage, known, offset, shape, strides)
  if (!Number.isSafeInteger(tensor.count)) throw new GlobalRefusal(`has ${tensor.count} elements`)
  // Sums beyond 2^53 are no longer exact, but still beyond the end of every storage.
  const end = (offset + tensor.span) * known.bytes
  if (!(end <= storage.byteLength))
    throw new GlobalRefusal(`looks at byte ${end} of a storage of ${storage.byteLength} bytes`)
  return tensor
}

/** `_rebuild_tensor_v3`: the same, with the dtype among its arguments and a storage that does not know it. */
export function rebuildTypedTensor(args: readonly PickleValue[]): TorchTensor {
  const dtype = args[6]
  const type = dtype instanceof GlobalName ? dtypeTypes.get(dtype.key) : undefined
  if (!type) throw new GlobalRefusal(`holds values of the type ${describeValue(dtype)}, which are not read`)
  return rebuildTensor(args, type)
}

/** `_rebuild_parameter(data, requires_grad, hooks)` and `Parameter(data)`: the tensor itself. */
export function rebuildParameter([data]: readonly PickleValue[]): TorchTensor {
  if (data instanceof TorchTensor) return data
  throw new GlobalRefusal(`is made of ${describeValue(data)}, not of a tensor`)
}

function sizesOf(value: PickleValue | undefined, what: string): number[] {
  const items = value instanceof Tuple ? value.items : null
  if (items && items.length <= mostDimensions && items.every(isSize)) return [...items]
  throw new GlobalRefusal(`must have ${what} of at most ${mostDimensions} whole numbers, not ${describeValue(value)}`)
}

const isSize = (value: PickleValue | undefined): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
