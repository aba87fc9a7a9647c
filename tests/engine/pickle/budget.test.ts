import { describe, expect, it } from 'vitest'
import { numpyGlobals } from '../../../src-main/engine/pickle/numpy.ts'
import { unpickle } from '../../../src-main/engine/pickle/unpickle.ts'
import { UserError } from '../../../src-shared/errors.ts'
import { bytesOf, call, dict, global, int, pickle, str, unicode, type Piece } from './pickle-writer.ts'

const text = 'x'.repeat(2 ** 18)
const remembered: Piece = [unicode(text), 'q', 0, '0', str(text), 'q', 1, '0']

function refusalOf(bytes: Uint8Array): string {
  try {
    unpickle(bytes, { name: 'F', globals: numpyGlobals })
  } catch (error) {
    expect(error).toBeInstanceOf(UserError)
    return (error as Error).message
  }
  throw new Error('It was read.')
}

describe('a short file does not become gigabytes', () => {
  it('by having one text encoded again and again', () => {
    const encoded: Piece = [global('_codecs', 'encode'), '(', 'h', 0, unicode('latin1'), 't', 'R']
    const bomb = pickle(remembered, '](', bytesOf(Array.from({ length: 20_000 }, () => encoded)), 'e')
    expect(refusalOf(bomb)).toBe(`F makes more than 16777216 bytes beyond the ${bomb.length} that it holds.`)
  })

  it('by keys', () => {
    expect(refusalOf(pickle(remembered, '}', 'h', 1, 'N', 's'))).toBe(
      'F has a key of 262144 characters; at most 65536 are read.'
    )
    expect(refusalOf(pickle(remembered, '}', 'h', 0, 'N', 's'))).toBe(
      'F has a key of 262144 characters; at most 65536 are read.'
    )
    const keyed: Piece = ['}', 'h', 2, 'N', 's', '0']
    const bomb = pickle(str('y'.repeat(65_536)), 'q', 2, bytesOf(Array.from({ length: 2000 }, () => keyed)))
    expect(refusalOf(bomb)).toBe(`F makes more than 16777216 bytes beyond the ${bomb.length} that it holds.`)
  })

  it.each<[string, Piece]>([
    ['dicts', '}'],
    ['lists', ']0'],
    ['tuples', 'N\x850'],
    ['byte strings', ['U', 0, '0']],
    ['objects', [global('numpy', 'ndarray'), '0']]
  ])('by %s, kept or not', (_, piece) => {
    const one = bytesOf(piece)
    const many = Buffer.alloc(one.length * 500_001, one)
    expect(refusalOf(pickle(Uint8Array.from(many)))).toBe('F makes more than 500000 lists, dicts and other objects.')
  })

  it('but text is converted once for free, as Python 3 writes arrays into protocol 2', () => {
    const latin = Array.from({ length: 300_000 }, (_, index) => String.fromCharCode(index % 256)).join('')
    const read = unpickle(
      pickle(dict([int(1), call(global('_codecs', 'encode'), unicode(latin), unicode('latin1'))])),
      {
        name: 'F',
        globals: numpyGlobals
      }
    )
    expect((read as Map<number, Uint8Array>).get(1)).toHaveLength(300_000)
  })
})
