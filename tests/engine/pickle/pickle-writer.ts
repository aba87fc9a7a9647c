/** Pieces of a pickle, byte for byte: a number is an opcode or a byte, a text is latin1. */
export type Piece = number | string | Uint8Array | Piece[]

/** A pickle of protocol 2, from its pieces, with PROTO before and STOP behind. */
export const pickle = (...pieces: Piece[]): Uint8Array => bytesOf([0x80, 2, pieces, '.'])

/** Pieces one after another. */
export function bytesOf(piece: Piece): Uint8Array {
  if (typeof piece === 'number') return Uint8Array.of(piece)
  if (typeof piece === 'string') return Uint8Array.from(Buffer.from(piece, 'latin1'))
  if (piece instanceof Uint8Array) return piece
  return Uint8Array.from(Buffer.concat(piece.map(bytesOf)))
}

export const uint32 = (value: number): Uint8Array => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return Uint8Array.from(bytes)
}

/** Python 2's `str`: SHORT_BINSTRING or BINSTRING. */
export const str = (text: string | Uint8Array): Piece =>
  text.length < 256 ? ['U', text.length, text] : ['T', uint32(text.length), text]
/** A text of Python 3: BINUNICODE. */
export const unicode = (text: string): Piece => {
  const bytes = Buffer.from(text, 'utf8')
  return ['X', uint32(bytes.length), Uint8Array.from(bytes)]
}
export const int = (value: number): Piece => ['J', uint32(value >>> 0)]
export const list = (...items: Piece[]): Piece => [']', '(', items, 'e']
export const tuple = (...items: Piece[]): Piece => ['(', items, 't']
export const dict = (...pairs: [Piece, Piece][]): Piece => ['}', '(', pairs, 'u']
export const global = (module: string, name: string): Piece => `c${module}\n${name}\n`
export const call = (callee: Piece, ...args: Piece[]): Piece => [callee, tuple(...args), 'R']

/** An array as NumPy 1 under Python 2 pickled it. */
export function numpyArray(shape: number[], bytes: Uint8Array, dtype = 'u1', isFortran = false): Piece {
  const type = [
    call(global('numpy', 'dtype'), str(dtype), int(0), int(1)),
    tuple(int(3), str('|'), 'N', 'N', 'N', int(-1), int(-1), int(0)),
    'b'
  ]
  const made = call(
    global('numpy.core.multiarray', '_reconstruct'),
    global('numpy', 'ndarray'),
    tuple(int(0)),
    str('b')
  )
  return [made, tuple(int(1), tuple(...shape.map(int)), type, isFortran ? 0x88 : 0x89, str(bytes)), 'b']
}
