import { stridesOf } from './strides.ts'

/** What is written of a tensor beside its values. */
export type PickledTensor = { name: string; storage: string; key: string; shape: readonly number[]; count: number }

const mostCount = 2 ** 31 - 1

/**
 * `data.pkl` of a state dict, protocol 2: an OrderedDict of contiguous tensors on the CPU, each with a storage of its own.
 * Throws RangeError for a tensor of 2^31 elements or more.
 */
export function pickleStateDict(tensors: readonly PickledTensor[]): Uint8Array {
  const pieces: Uint8Array[] = []
  const put = (...bytes: number[]) => pieces.push(Uint8Array.from(bytes))
  const raw = (text: string) => pieces.push(new TextEncoder().encode(text))
  const global = (module: string, name: string) => raw(`c${module}\n${name}\n`)
  const text = (value: string) => {
    const bytes = new TextEncoder().encode(value)
    put(0x58, ...uint32(bytes.length))
    pieces.push(bytes)
  }
  const int = (value: number) => {
    if (value > mostCount) throw new RangeError(`A tensor of ${value} elements can't be written.`)
    put(0x4a, ...uint32(value))
  }
  const ints = (values: readonly number[]) => {
    raw('(')
    values.forEach(int)
    raw('t')
  }
  const emptyOrderedDict = () => {
    global('collections', 'OrderedDict')
    raw(')R')
  }
  put(0x80, 2)
  emptyOrderedDict()
  if (tensors.length > 0) raw('(')
  for (const { name, storage, key, shape, count } of tensors) {
    text(name)
    global('torch._utils', '_rebuild_tensor_v2')
    raw('((')
    text('storage')
    global('torch', storage)
    text(key)
    text('cpu')
    int(count)
    raw('tQ')
    int(0)
    ints(shape)
    ints(stridesOf(shape))
    put(0x89) // requires_grad: False
    emptyOrderedDict()
    raw('tR')
  }
  if (tensors.length > 0) raw('u')
  raw('.')
  return Uint8Array.from(Buffer.concat(pieces))
}

const uint32 = (value: number): number[] => [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24]
