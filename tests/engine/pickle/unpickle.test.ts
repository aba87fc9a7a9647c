import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import type { AllowedGlobal } from '../../../src-main/engine/pickle/globals.ts'
import { NumpyArray, numpyGlobals } from '../../../src-main/engine/pickle/numpy.ts'
import { opcodes } from '../../../src-main/engine/pickle/opcodes.ts'
import { unpickle, unpickleAt, type UnpickleOptions } from '../../../src-main/engine/pickle/unpickle.ts'
import { Tuple } from '../../../src-main/engine/pickle/values.ts'
import { UserError } from '../../../src-shared/errors.ts'
import {
  bytesOf,
  call,
  dict,
  global,
  int,
  list,
  numpyArray,
  pickle,
  str,
  tuple,
  uint32,
  unicode,
  type Piece
} from './pickle-writer.ts'

const read = (bytes: Uint8Array, options: Partial<UnpickleOptions> = {}) =>
  unpickle(bytes, { name: 'F', globals: numpyGlobals, ...options })

function refusalOf(bytes: Uint8Array, options: Partial<UnpickleOptions> = {}): string {
  try {
    read(bytes, options)
  } catch (error) {
    expect(error).toBeInstanceOf(UserError)
    return (error as Error).message
  }
  throw new Error('It was read.')
}

describe('plain values', () => {
  it.each<[string, Piece, unknown]>([
    ['None', 'N', null],
    ['booleans', list(0x88, 0x89), [true, false]],
    ['integers', list(['K', 200], ['M', 1, 2], int(-5), [0x8a, 0], [0x8a, 2, 0xff, 0x80]), [200, 513, -5, 0, -32513]],
    [
      "PyTorch's magic number",
      [0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19],
      0x1950a86a20f9469cfc6cn
    ],
    ['a float', ['G', 0x3f, 0xf8, 0, 0, 0, 0, 0, 0], 1.5],
    ['text', unicode('Größe'), 'Größe'],
    ['bytes', ['C', 2, 0, 255], Uint8Array.of(0, 255)],
    ["Python 2's str", str('abc'), Uint8Array.of(97, 98, 99)],
    ['a tuple', tuple(int(1), 'N'), new Tuple([1, null])],
    ['a list by APPEND', [']', 'N', 'a'], [null]],
    [
      'a dict with keys of both Pythons',
      dict([str('a'), int(1)], [unicode('b'), int(2)], [int(3), 'N']),
      new Map<unknown, unknown>([
        ['a', 1],
        ['b', 2],
        [3, null]
      ])
    ],
    ['the memo', [unicode('a'), 'q', 7, '0', 'h', 7, 'r', uint32(9), '0', 'j', uint32(9)], 'a'],
    [
      'bytes as Python 3 writes them into protocol 2',
      call(global('_codecs', 'encode'), unicode('\u00ff\u0000'), unicode('latin1')),
      Uint8Array.of(255, 0)
    ]
  ])('%s', (_, pieces, value) => expect(read(pickle(pieces))).toEqual(value))

  it('an array of NumPy 1 and 2', () => {
    const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6)
    for (const module of ['numpy.core.multiarray', 'numpy._core.multiarray']) {
      const written = Buffer.from(pickle(numpyArray([2, 3], bytes))).toString('latin1')
      const array = read(Uint8Array.from(Buffer.from(written.replace('numpy.core.multiarray', module), 'latin1')))
      expect(array).toBeInstanceOf(NumpyArray)
      expect(array).toMatchObject({ shape: [2, 3], bytes, isFortran: false, dtype: { code: 'u1' } })
    }
  })

  it('a file of several pickles is read on, one of one is not', () => {
    const first = pickle('N')
    const both = bytesOf([first, pickle(int(5))])
    const { value, end } = unpickleAt(both, { name: 'F', globals: new Map() })
    expect([value, end]).toEqual([null, first.length])
    expect(unpickleAt(both.subarray(end), { name: 'F', globals: new Map() }).value).toBe(5)
    expect(refusalOf(both)).toBe(`F goes on for ${both.length - end} bytes behind the end of its pickle.`)
  })

  it('keys that are properties of objects are keys like others', () => {
    const keys = ['__proto__', 'constructor', 'toString']
    const value = read(pickle(dict(...keys.map((key): [Piece, Piece] => [str(key), dict([str('polluted'), 0x88])]))))
    expect([...(value as Map<unknown, unknown>).keys()]).toEqual(keys)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  it('persistent ids are what the reader says', () => {
    const bytes = pickle(tuple(str('storage'), int(3)), 'Q')
    expect(refusalOf(bytes)).toBe('F has a persistent id (a tuple), which is not read here.')
    expect(read(bytes, { persistentLoad: (id) => (id as Tuple).items[1]! })).toBe(3)
  })
})

describe('attacks are refused by name, and nothing is called', () => {
  const forbidden = (name: string) =>
    `F names the Python object "${name}", which is not among those that are read; it was not opened, and nothing in it was run.`
  const system = unicode('touch /tmp/owned')
  it.each<[string, Piece, string]>([
    ['GLOBAL', call(global('os', 'system'), system), forbidden('os.system')],
    ['GLOBAL of posix', call(global('posix', 'system'), system), forbidden('posix.system')],
    ['STACK_GLOBAL', [unicode('os'), unicode('system'), 0x93, tuple(system), 'R'], forbidden('os.system')],
    [
      'STACK_GLOBAL from the memo',
      [unicode('builtins'), 'q', 0, '0', unicode('eval'), 'q', 1, '0', 'h', 0, 'h', 1, 0x93],
      forbidden('builtins.eval')
    ],
    ['INST', ['(', system, 'ios\nsystem\n'], forbidden('os.system')],
    [
      'OBJ',
      ['(', global('numpy', 'ndarray'), 'o'],
      'F has the pickle opcode 0x6f at byte 18, which files of data and weights do not need.'
    ],
    [
      'NEWOBJ',
      [global('numpy', 'ndarray'), ')', 0x81],
      'F has the pickle opcode 0x81 at byte 18, which files of data and weights do not need.'
    ],
    [
      'the extension registry',
      [0x82, 1],
      'F has the pickle opcode 0x82 at byte 2, which files of data and weights do not need.'
    ],
    ['a dotted name', [unicode('numpy'), unicode('ndarray.__class__'), 0x93], forbidden('numpy.ndarray.__class__')],
    [
      'two parts of a name that share a space',
      [unicode('numpy ndarray'), unicode(''), 0x93],
      forbidden('numpy ndarray.')
    ],
    ['a name of an object', [unicode('__proto__'), unicode('constructor'), 0x93], forbidden('__proto__.constructor')],
    [
      'REDUCE of what may only be named',
      call(global('numpy', 'ndarray')),
      'F calls numpy.ndarray, which may only be named.'
    ],
    ['REDUCE of a text', call(unicode('os.system'), system), 'F calls the text "os.system", which can\'t be called.'],
    [
      'REDUCE of what was made',
      call(call(global('numpy', 'dtype'), str('u1'))),
      "F calls numpy.dtype, which can't be called."
    ],
    [
      'BUILD of a dict',
      [dict(), dict([str('__dict__'), 'N']), 'b'],
      'F sets the state of a dict, which is not allowed.'
    ],
    [
      'BUILD of a global',
      [global('numpy', 'ndarray'), dict(), 'b'],
      'F sets the state of numpy.ndarray, which is not allowed.'
    ],
    [
      'other text encodings',
      call(global('_codecs', 'encode'), unicode('a'), unicode('rot13')),
      'F has a _codecs.encode that encodes the text "a" as the text "rot13"; only latin1 is read.'
    ],
    [
      'an array of objects',
      numpyArray([1], Uint8Array.of(0), 'O8'),
      'F has a numpy.dtype that must be of plain numbers, not "O8".'
    ],
    [
      'another class of array',
      call(global('numpy.core.multiarray', '_reconstruct'), global('numpy', 'dtype'), tuple(int(0)), str('b')),
      'F has a numpy.core.multiarray._reconstruct that makes numpy.dtype; only numpy.ndarray is read.'
    ],
    [
      'an array that claims more than there is',
      numpyArray([2 ** 30, 2], Uint8Array.of(0)),
      'F has a numpy.core.multiarray._reconstruct that holds 1 bytes, but 1073741824 x 2 of u1 need 2147483648.'
    ]
  ])('%s', (_, pieces, message) => expect(refusalOf(pickle(pieces))).toBe(message))

  it('an object that something else made is not built', () => {
    let built = 0
    const spy: AllowedGlobal = { call: () => new NumpyArray(), build: () => void built++ }
    const silent: AllowedGlobal = { call: () => new NumpyArray() }
    const globals = new Map([
      ['a spy', spy],
      ['a silent', silent]
    ])
    read(pickle(call(global('a', 'spy')), 'N', 'b'), { globals })
    expect(built).toBe(1)
    expect(refusalOf(pickle(call(global('a', 'silent')), 'N', 'b'), { globals })).toContain('which is not allowed')
    expect(built).toBe(1)
  })
})

describe('what would fill the memory or the stack', () => {
  it('a memo that names the same list again and again', () => {
    const level = (index: number): Piece => [
      ']',
      'q',
      index + 1,
      '(',
      Array.from({ length: 10 }, (): Piece => ['h', index]),
      'e'
    ]
    const bomb = pickle(
      list(int(1)),
      'q',
      0,
      '0',
      Array.from({ length: 12 }, (_, index) => [level(index), '0']),
      'h',
      12
    )
    expect(refusalOf(bomb)).toBe('F names the same values again and again: more than 5000000 in all.')
  })
  it('a list that holds itself', () => {
    expect(refusalOf(pickle(']', 'q', 0, 'h', 0, 'a'))).toBe('F holds a container that holds itself.')
    expect(refusalOf(pickle('}', 'q', 0, int(1), ']', 'h', 0, 'a', 's'))).toBe('F holds a container that holds itself.')
  })
  it('nesting, by tuples from within and by lists from without', () => {
    const deep = 'F is nested more than 100 deep.'
    expect(refusalOf(pickle('N', new Uint8Array(200_000).fill(0x85)))).toBe(deep)
    expect(refusalOf(pickle(']'.repeat(50_000), 'a'.repeat(49_999)))).toBe(deep)
    expect(refusalOf(pickle('('.repeat(50_000)))).toBe('F opens more than 200 marks.')
    expect(read(pickle('N', new Uint8Array(100).fill(0x85)))).toBeInstanceOf(Tuple)
  })
  it('the stack, the memo, the opcodes and the bytes', () => {
    const limits = { stack: 10, memo: 10, opcodes: 100, bytes: 1000 }
    expect(refusalOf(pickle('N'.repeat(11)), { limits })).toBe('F puts more than 10 values on its stack.')
    expect(refusalOf(pickle('(N'.repeat(11)), { limits })).toBe('F puts more than 10 values on its stack.')
    const puts = Array.from({ length: 11 }, (_, index): Piece => ['q', index])
    expect(refusalOf(pickle('N', puts), { limits })).toBe('F remembers more than 10 values.')
    expect(refusalOf(pickle('N0'.repeat(60)), { limits })).toBe('F holds more than 100 pickle opcodes.')
    expect(refusalOf(new Uint8Array(1001), { limits })).toBe('F holds 1001 bytes; at most 1000 are read.')
  })
  it('an int without end', () => {
    expect(refusalOf(pickle(0x8b, uint32(4_000_000_000)))).toBe(
      'F has an int of 4000000000 bytes; at most 32 are read.'
    )
  })
})

describe('damage', () => {
  it.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(), 'F is cut off or damaged: at byte 0 it says 1 bytes follow, but there are 0.'],
    [
      'no STOP',
      pickle('N').slice(0, -1),
      'F is cut off or damaged: at byte 3 it says 1 bytes follow, but there are 0.'
    ],
    [
      'bytes that are missing',
      pickle('B', uint32(2 ** 31), 'abc'),
      'F is cut off or damaged: at byte 7 it says 2147483648 bytes follow, but there are 4.'
    ],
    [
      'bytes beyond all bounds',
      pickle(0x8e, new Uint8Array(8).fill(255)),
      'F is cut off or damaged: at byte 11 it says 18446744073709552000 bytes follow, but there are 1.'
    ],
    [
      'protocol 0',
      bytesOf('(lp0\nI1\na.'),
      'F has the pickle opcode 0x70 at byte 2, which files of data and weights do not need.'
    ],
    ['protocol 9', bytesOf([0x80, 9, 'N.']), 'F is a pickle of protocol 9; protocols 2 to 5 are read.'],
    ['text that is none', pickle('X', uint32(1), 0xff), 'F is damaged: its text at byte 7 is not UTF-8.'],
    ['a name without end', pickle('c', 'a'.repeat(3000)), 'F is damaged: its line at byte 3 has no end.'],
    ['a missing value', pickle('0'), 'F is damaged: a value is missing (byte 2).'],
    ['a missing mark', pickle('t'), 'F is damaged: a mark is missing (byte 2).'],
    ['a missing memory', pickle('h', 3), 'F is damaged: it recalls the value 3, which it has not (byte 2).'],
    ['left-overs', pickle('NN'), 'F is damaged: something is left over at its end (byte 4).'],
    ['a key without a value', pickle('}', '(', 'N', 'u'), 'F is damaged: a key has no value (byte 5).'],
    ['a key twice', pickle(dict([str('a'), 'N'], [unicode('a'), 'N'])), 'F has the key the text "a" twice.'],
    ['a list for a key', pickle(dict([']', 'N'])), 'F has a list for a key; only texts and numbers are read.'],
    ['items for a number', pickle(int(1), 'N', 'a'), 'F is damaged: values are appended to 1 (byte 8).']
  ])('%s', (_, bytes, message) => expect(refusalOf(bytes)).toBe(message))
})

test('whatever opcodes follow one another, there is a value or a sentence', () => {
  const known = [...opcodes.keys()].filter((opcode) => opcode !== 0x80)
  const piece = fc.oneof(
    fc.constantFrom(...known).map((opcode): Piece => opcode),
    fc.integer({ min: 0, max: 255 }).map((byte): Piece => byte),
    fc.constantFrom<Piece>(
      int(3),
      unicode('a'),
      tuple(),
      global('numpy', 'dtype'),
      global('numpy', 'ndarray'),
      ['q', 0],
      ['h', 0]
    )
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      try {
        read(pickle(...pieces))
      } catch (error) {
        expect(error).toBeInstanceOf(UserError)
      }
    }),
    { numRuns: 3000, seed: 3 }
  )
})
