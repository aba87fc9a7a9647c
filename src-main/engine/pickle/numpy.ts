import { GlobalRefusal, type AllowedGlobal, type AllowedGlobals } from './globals.ts'
import { describeValue, GlobalName, latin1, MadeObject, quote, textOf, Tuple, type PickleValue } from './values.ts'

/** A NumPy type of numbers: `u1`, `i8`, `f4`. */
export class NumpyDtype extends MadeObject {
  readonly pythonName = 'numpy.dtype'
  isLittleEndian = true
  constructor(
    /** Kind and bytes of an element. */
    readonly code: string
  ) {
    super()
  }
}

/** A NumPy array as it was written: `bytes` is a view of the file. */
export class NumpyArray extends MadeObject {
  readonly pythonName = 'numpy.ndarray'
  shape: number[] = []
  dtype: NumpyDtype | null = null
  /** True where the first index moves fastest. */
  isFortran = false
  bytes: Uint8Array = new Uint8Array(0)
}

const elementCodes = /^[iu][1248]$|^f[248]$|^b1$/
const mostDimensions = 8

/** The number of elements and bytes that a shape needs; beyond 2^53 it is no number that any file holds. */
const elementsOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1)

const dtype: AllowedGlobal = {
  call([code]) {
    const text = textOf(code)
    if (text === null || !elementCodes.test(text))
      throw new GlobalRefusal(`must be of plain numbers, not ${text === null ? describeValue(code) : quote(text)}`)
    return new NumpyDtype(text)
  },
  build(made, state) {
    const order = state instanceof Tuple ? textOf(state.items[1]) : null
    if (!(made instanceof NumpyDtype) || !(state instanceof Tuple) || order === null || !/^[<>|=]$/.test(order))
      throw new GlobalRefusal(`has a state that is not understood: ${describeValue(state)}`)
    // Names, fields and a subarray make it something else than plain numbers.
    if (state.items.slice(2, 5).some((item) => item !== null)) throw new GlobalRefusal('has fields or a subarray')
    made.isLittleEndian = order !== '>'
  }
}

const reconstruct: AllowedGlobal = {
  call([type]) {
    if (!(type instanceof GlobalName) || type.key !== 'numpy ndarray')
      throw new GlobalRefusal(`makes ${describeValue(type)}; only numpy.ndarray is read`)
    return new NumpyArray()
  },
  build(made, state) {
    const items = state instanceof Tuple ? state.items : []
    const [version, shape, type, isFortran, bytes] = items
    if (!(made instanceof NumpyArray) || items.length !== 5 || version !== 1)
      throw new GlobalRefusal(`has a state that is not understood: ${describeValue(state)}`)
    if (made.dtype) throw new GlobalRefusal('is given its state twice')
    if (!(type instanceof NumpyDtype)) throw new GlobalRefusal(`has no type, but ${describeValue(type)}`)
    if (!(bytes instanceof Uint8Array)) throw new GlobalRefusal(`holds ${describeValue(bytes)} instead of bytes`)
    made.shape = shapeOf(shape)
    const expected = elementsOf(made.shape) * Number(type.code.slice(1))
    if (bytes.length !== expected)
      throw new GlobalRefusal(
        `holds ${bytes.length} bytes, but ${made.shape.join(' x ')} of ${type.code} need ${expected}`
      )
    made.dtype = type
    made.isFortran = isFortran === true
    made.bytes = bytes
  }
}

function shapeOf(value: PickleValue | undefined): number[] {
  const items = value instanceof Tuple ? value.items : null
  const isShape = (length: PickleValue): length is number => Number.isSafeInteger(length) && (length as number) >= 0
  if (items && items.length <= mostDimensions && items.every(isShape)) return [...items]
  throw new GlobalRefusal(`must have a shape of at most ${mostDimensions} numbers, not ${describeValue(value)}`)
}

/** Python 3 writes bytes so into a pickle of protocol 2: as text, one character a byte. */
const encode: AllowedGlobal = {
  call([text, encoding]) {
    if (typeof text !== 'string' || textOf(encoding) !== 'latin1')
      throw new GlobalRefusal(`encodes ${describeValue(text)} as ${describeValue(encoding)}; only latin1 is read`)
    const bytes = Uint8Array.from(Buffer.from(text, 'latin1'))
    if (latin1(bytes) !== text) throw new GlobalRefusal('encodes characters that are no bytes')
    return bytes
  }
}

/** What a pickle of plain data and NumPy arrays may name: arrays' reconstructors, under the names of NumPy 1 and 2. */
export const numpyGlobals: AllowedGlobals = new Map<string, AllowedGlobal>([
  ['numpy dtype', dtype],
  ['numpy ndarray', {}],
  ['numpy.core.multiarray _reconstruct', reconstruct],
  ['numpy._core.multiarray _reconstruct', reconstruct],
  ['_codecs encode', encode]
])
