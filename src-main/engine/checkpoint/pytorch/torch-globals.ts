import { GlobalRefusal, type AllowedGlobal, type AllowedGlobals } from '../../pickle/globals.ts'
import { NumpyDtype, numpyGlobals } from '../../pickle/numpy.ts'
import { describeValue, textOf, Tuple, type PickleKey, type PickleValue } from '../../pickle/values.ts'
import { rebuildParameter, rebuildTensor, rebuildTypedTensor } from './rebuild.ts'
import { dtypeTypes, storageTypes } from './torch-values.ts'

const orderedDict: AllowedGlobal = {
  call([pairs = []]) {
    const dict = new Map<PickleKey, PickleValue>()
    // As Python 2 wrote it: with its pairs for an argument.
    if (!Array.isArray(pairs)) throw new GlobalRefusal(`is made of ${describeValue(pairs)}`)
    for (const pair of pairs) {
      const [key, value] = pair instanceof Tuple ? pair.items : Array.isArray(pair) ? pair : []
      const name = typeof key === 'number' ? key : textOf(key)
      if (name === null || value === undefined || dict.has(name))
        throw new GlobalRefusal(`is made of pairs, one of which is ${describeValue(pair)} with ${describeValue(key)}`)
      dict.set(name, value)
    }
    return dict
  },
  // Of `state_dict()`: the versions of its layers (`_metadata`).
  build: ignoreState
}

function ignoreState(_: unknown, state: PickleValue): void {
  if (!(state instanceof Map)) throw new GlobalRefusal(`has a state that is not understood: ${describeValue(state)}`)
}

const counter: AllowedGlobal = {
  call([counts]) {
    if (counts instanceof Map) return new Map(counts)
    throw new GlobalRefusal(`counts ${describeValue(counts)}, not a dict`)
  }
}

const size: AllowedGlobal = {
  call([lengths]) {
    if (lengths instanceof Tuple) return lengths
    throw new GlobalRefusal(`is made of ${describeValue(lengths)}, not of a tuple`)
  }
}

/** `numpy.float64(0.5)` and its like: as plain numbers. */
const scalar: AllowedGlobal = {
  call([type, bytes]) {
    if (!(type instanceof NumpyDtype) || !(bytes instanceof Uint8Array))
      throw new GlobalRefusal(`is made of ${describeValue(type)} and ${describeValue(bytes)}`)
    if (bytes.length !== Number(type.code.slice(1)))
      throw new GlobalRefusal(`holds ${bytes.length} bytes, but its type is ${type.code}`)
    const view = new DataView(bytes.slice().buffer)
    const little = type.isLittleEndian
    const read: Record<string, () => number | bigint | boolean> = {
      b1: () => view.getUint8(0) !== 0,
      i1: () => view.getInt8(0),
      i2: () => view.getInt16(0, little),
      i4: () => view.getInt32(0, little),
      i8: () => view.getBigInt64(0, little),
      u1: () => view.getUint8(0),
      u2: () => view.getUint16(0, little),
      u4: () => view.getUint32(0, little),
      u8: () => view.getBigUint64(0, little),
      f4: () => view.getFloat32(0, little),
      f8: () => view.getFloat64(0, little)
    }
    const value = read[type.code]
    if (!value) throw new GlobalRefusal(`is of the type ${type.code}, which is not read`)
    return value()
  }
}

const tensor: AllowedGlobal = { call: (args) => rebuildTensor(args), build: ignoreState }
const parameter: AllowedGlobal = { call: rebuildParameter, build: ignoreState }
/** May be named, as an argument; nothing is done with it. */
const named: AllowedGlobal = {}

/** What a PyTorch checkpoint may name: all that a state dict needs, as in torch's weights-only mode, and nothing else. */
export const torchGlobals: AllowedGlobals = new Map<string, AllowedGlobal>([
  ['collections OrderedDict', orderedDict],
  ['collections Counter', counter],
  ['torch Size', size],
  ['torch Tensor', named],
  ['torch device', { call: () => null }],
  ['torch.nn.parameter Parameter', parameter],
  ['torch._utils _rebuild_tensor', tensor],
  ['torch._utils _rebuild_tensor_v2', tensor],
  ['torch._utils _rebuild_tensor_v3', { call: rebuildTypedTensor, build: ignoreState }],
  ['torch._utils _rebuild_parameter', parameter],
  ['torch._utils _rebuild_parameter_with_state', parameter],
  ...[...storageTypes.keys(), ...dtypeTypes.keys()].map((key) => [key, named] as const),
  ...['numpy dtype', '_codecs encode'].map((key) => [key, numpyGlobals.get(key)!] as const),
  ['numpy.core.multiarray scalar', scalar],
  ['numpy._core.multiarray scalar', scalar]
])

const saveWeights = 'save its weights alone, with torch.save(model.state_dict(), "weights.pth")'
/** What is not read of PyTorch, and what to do about it. */
const unread: [RegExp, string][] = [
  [
    /^torch(\._utils _rebuild_qtensor| Q\w+Storage| q\w+| per_\w+)$/,
    `which is of a quantised network; quantised weights are not read: ${saveWeights}, before it is quantised`
  ],
  [
    /^torch\._utils _rebuild_sparse|^torch\.serialization _get_layout$/,
    'which is of a sparse tensor; these are not read: save it as tensor.to_dense()'
  ],
  [/^torch (Complex\w+Storage|complex\d+)$/, 'which is of complex numbers; these are not read'],
  [
    /^torch (float8_\w+|uint16|uint32|uint64|uint[1-7]|int[1-7]|float4_\w+|bits\w+)$/,
    'which is a type of numbers that is not read: convert them, with tensor.float()'
  ],
  [
    /^torch\.nn\.modules\.|^torchvision\.models\.|^timm\./,
    `as files of whole networks do; nothing in it was run: ${saveWeights}`
  ]
]

/** What is said of a Python object that is not read: the clause behind its name. */
export function explainGlobal(key: string): string {
  const known = unread.find(([pattern]) => pattern.test(key))
  if (known) return known[1]
  return `which is not among those that are read, and nothing in it was run; if it is a part of a whole network that was saved, ${saveWeights}`
}
