import { dataTypes, type DataType } from '../data-types.ts'
import { MadeObject } from '../../pickle/values.ts'

/** The types of values that PyTorch names: its dtype, its storage, and the name in `TensorHeader`. */
const types = [
  ['float32', 'FloatStorage', 'F32'],
  ['float64', 'DoubleStorage', 'F64'],
  ['float16', 'HalfStorage', 'F16'],
  ['bfloat16', 'BFloat16Storage', 'BF16'],
  ['int64', 'LongStorage', 'I64'],
  ['int32', 'IntStorage', 'I32'],
  ['int16', 'ShortStorage', 'I16'],
  ['int8', 'CharStorage', 'I8'],
  ['uint8', 'ByteStorage', 'U8'],
  ['bool', 'BoolStorage', 'BOOL']
] as const

/** A type of values that is read. */
export type TorchType = DataType & { dtype: string }

const typeOf = (dtype: string): TorchType => ({ dtype, ...dataTypes.get(dtype)! })

/** What is read of each storage class, by its name as `AllowedGlobals` has it; null where the class says no type. */
export const storageTypes: ReadonlyMap<string, TorchType | null> = new Map<string, TorchType | null>([
  ...types.map(([, storage, dtype]) => [`torch ${storage}`, typeOf(dtype)] as const),
  ['torch.storage UntypedStorage', null],
  ['torch UntypedStorage', null]
])

/** The types that are read, by their dtype's name as `AllowedGlobals` has it. */
export const dtypeTypes: ReadonlyMap<string, TorchType> = new Map(
  types.map(([name, , dtype]) => [`torch ${name}`, typeOf(dtype)])
)

/** Bytes of a file that tensors look into. */
export class TorchStorage extends MadeObject {
  readonly pythonName = 'torch.Storage'
  constructor(
    readonly key: string,
    /** null where only the tensors know. */
    readonly type: TorchType | null,
    readonly byteLength: number,
    /** Where its bytes begin in the file; null until that is known. */
    public position: number | null,
    /** The storage that this one is a part of, as files of before 2018 had it, and where it begins in it, bytes. */
    readonly part: { of: TorchStorage; offset: number } | null = null
  ) {
    super()
  }
}

/** A tensor as a file describes it, checked against its storage. */
export class TorchTensor extends MadeObject {
  readonly pythonName = 'torch.Tensor'
  constructor(
    readonly storage: TorchStorage,
    readonly type: TorchType,
    /** Elements. */
    readonly offset: number,
    readonly shape: readonly number[],
    /** Elements from one index to the next, of each axis. */
    readonly strides: readonly number[]
  ) {
    super()
  }
  /** Elements. */
  get count(): number {
    return this.shape.reduce((product, length) => product * length, 1)
  }
  /** Elements of the storage from the first to the last that it looks at. */
  get span(): number {
    return this.count === 0 ? 0 : this.shape.reduce((sum, length, axis) => sum + (length - 1) * this.strides[axis]!, 1)
  }
}
