import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { openCheckpoint } from '../../../../src-main/engine/checkpoint/checkpoint.ts'
import { UserError } from '../../../../src-shared/errors.ts'
import {
  bytesOf,
  dict,
  global,
  int,
  list,
  pickle,
  str,
  tuple,
  unicode,
  type Piece
} from '../../pickle/pickle-writer.ts'
import { fileOf, floats, orderedDict, tensor } from './torch-files.ts'

const magic: Piece = [0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]
const machine = (isLittle: boolean): Piece => dict([unicode('little_endian'), isLittle ? 0x88 : 0x89])
const count = (value: bigint) => new Uint8Array(BigInt64Array.of(value).buffer)
const storage = (key: string, elements: number, part: Piece = 'N'): Piece => [
  tuple(str('storage'), global('torch', 'FloatStorage'), str(key), str('cpu'), int(elements), part),
  'Q'
]
const pair = tensor(storage('a', 2), int(0), [int(2)], [int(1)])

type Parts = { version?: number; isLittle?: boolean; object?: Piece; keys?: string[]; storages?: Uint8Array[] }
/** A file as PyTorch wrote it until 2020, with a tensor `w` of two numbers unless said otherwise. */
function legacy({
  version = 1001,
  isLittle = true,
  object = dict([str('w'), pair]),
  keys = ['a'],
  storages
}: Parts = {}) {
  return bytesOf([
    pickle(magic),
    pickle('M', version & 255, version >> 8),
    pickle(machine(isLittle)),
    pickle(object),
    pickle(list(...keys.map(str))),
    storages ?? [count(2n), floats(1, 2)]
  ])
}
const weightsOf = async (bytes: Uint8Array) =>
  [...(await openCheckpoint(fileOf(bytes))).weights].map(([name, { data }]) => [name, ...data])

test('is read, with the byte strings of Python 2 for names', async () => {
  expect(await weightsOf(legacy())).toEqual([['w', 1, 2]])
})

test('parts of storages, as PyTorch 0.3 wrote them', async () => {
  const part = storage('a', 4, tuple(str('b'), int(1), int(2)))
  const object = dict(
    [str('w'), tensor(part, int(0), [int(2)], [int(1)])],
    [str('last'), tensor(part, int(1), [int(1)], [int(1)])]
  )
  expect(await weightsOf(legacy({ object, storages: [count(4n), floats(5, 6, 7, 8)] }))).toEqual([
    ['w', 6, 7],
    ['last', 7]
  ])
})

test('pickles longer than what is read of the file at first', async () => {
  const names = Array.from({ length: 3000 }, (_, index): [Piece, Piece] => [unicode(`${'x'.repeat(90)}${index}`), 'N'])
  const object = dict(...names, [unicode('w'), pair])
  const bytes = legacy({ object })
  expect(bytes.length).toBeGreaterThan(2 ** 18)
  expect(await weightsOf(bytes)).toEqual([['w', 1, 2]])
})

describe('refusals', () => {
  const cases: [string, Uint8Array, string][] = [
    ['another version', legacy({ version: 1002 }), ' is of version 1002; only 1001 is read.'],
    [
      'big-endian numbers',
      legacy({ isLittle: false }),
      ' holds its numbers in big-endian order, which is not read; save it on another machine.'
    ],
    [
      'a storage that nothing uses',
      legacy({ keys: ['a', 'z'] }),
      ' is damaged: it holds a storage "z" that nothing uses.'
    ],
    ['a key twice', legacy({ keys: ['a', 'a'] }), ' is damaged: it holds a storage "a" that nothing uses.'],
    ['a storage that is missing', legacy({ keys: [] }), ' is damaged: it does not hold its storage "a".'],
    [
      'a storage of another size',
      legacy({ storages: [count(3n), floats(1, 2, 3)] }),
      ' is damaged: its storage "a" has 3 elements, but it says 2 of it before.'
    ],
    [
      'a storage of -1 elements',
      legacy({ storages: [count(-1n), floats(1, 2)] }),
      ' is damaged: its storage "a" has -1 elements, but it says 2 of it before.'
    ],
    [
      'a storage that is cut off',
      legacy({ storages: [count(2n), floats(1)] }),
      ' is cut off or damaged: its storage "a" goes on behind its end.'
    ],
    [
      'no storages',
      legacy({ storages: [] }),
      ` ends before byte ${legacy({ storages: [] }).length + 8}: it is cut off or damaged.`
    ],
    [
      'more behind the storages',
      legacy({ storages: [count(2n), floats(1, 2), pickle('cos\nsystem\n')] }),
      ' goes on for 14 bytes behind its last storage.'
    ],
    [
      'a part beyond its storage',
      legacy({
        object: dict([str('w'), tensor(storage('a', 2, tuple(str('b'), int(1), int(2))), int(0), [int(2)], [int(1)])])
      }),
      ' has a persistent id that is of a part that goes beyond its storage "a".'
    ],
    [
      'a whole network',
      legacy({
        object: dict([
          str('w'),
          [tuple(str('module'), global('__main__', 'Net'), str('net.py'), str('import os')), 'Q']
        ])
      }),
      ' names the Python object "__main__.Net", which is not among those that are read, and nothing in it was run; if it is a part of a whole network that was saved, save its weights alone, with torch.save(model.state_dict(), "weights.pth").'
    ]
  ]
  test.each(cases)('%s', async (_, bytes, sentence) => {
    const path = fileOf(bytes)
    await expect(openCheckpoint(path)).rejects.toThrow(new UserError(`${path}${sentence}`))
  })

  test('a command in any of its pickles', async () => {
    const evil = pickle(global('os', 'system'), tuple(unicode('true')), 'R')
    const good = [
      pickle(magic),
      pickle('M', 0xe9, 3),
      pickle(machine(true)),
      pickle(dict([str('w'), pair])),
      pickle(list(str('a')))
    ]
    for (let index = 1; index < good.length; index++) {
      const path = fileOf(bytesOf([...good.with(index, evil), count(2n), floats(1, 2)]))
      await expect(openCheckpoint(path)).rejects.toThrow(`${path} names the Python object "os.system", which is not`)
    }
  })

  test('any cut and any changed byte gives a checkpoint or a refusal', async () => {
    const bytes = legacy({ object: [orderedDict, '(', str('w'), pair, 'u'] })
    for (let at = 0; at < bytes.length; at++) {
      await expect(openCheckpoint(fileOf(bytes.subarray(0, at)))).rejects.toBeInstanceOf(UserError)
      const changed = bytes.with(at, bytes[at]! ^ 0xff)
      const result: unknown = await openCheckpoint(fileOf(changed)).catch((error: unknown) => error)
      if (result instanceof Error) expect(result).toBeInstanceOf(UserError)
    }
  })

  test('a true tar', async () => {
    const tar = new Uint8Array(1024)
    tar.set(bytesOf('checkpoint.pth'))
    tar.set(bytesOf('ustar'), 257)
    const path = fileOf(tar)
    await expect(openCheckpoint(path)).rejects.toThrow(
      new UserError(`${path} is a tar archive, not a checkpoint; unpack it, and open the checkpoint that lies in it.`)
    )
  })
})

test('a .pth.tar of PyTorch is no tar, and opens', async () => {
  const path = fileURLToPath(new URL('../../../fixtures/checkpoints/bottleneck.pth.tar', import.meta.url))
  expect(readFileSync(path).subarray(257, 262).toString()).not.toBe('ustar')
  expect((await openCheckpoint(path)).format).toBe('pytorch-legacy')
})
