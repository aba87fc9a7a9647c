import { describe, expect, test } from 'vitest'
import { openCheckpoint } from '../../../../src-main/engine/checkpoint/checkpoint.ts'
import { UserError } from '../../../../src-shared/errors.ts'
import { call, dict, global, int, list, pickle, tuple, unicode, type Piece } from '../../pickle/pickle-writer.ts'
import { fileOf, floats, orderedDict, pair, storage, tensor, zipFile } from './torch-files.ts'

const advice =
  'which is not among those that are read, and nothing in it was run; if it is a part of a whole network that was saved, save its weights alone, with torch.save(model.state_dict(), "weights.pth").'

async function sentenceFor(content: Piece, ...storages: Uint8Array[]): Promise<string> {
  const path = zipFile(pickle(content), ...(storages.length ? storages : [floats(1, 2)]))
  const error: unknown = await openCheckpoint(path).catch((error: unknown) => error)
  expect(error).toBeInstanceOf(UserError)
  const { message } = error as UserError
  expect(message.startsWith(path)).toBe(true)
  return message.slice(path.length)
}
/** A state dict of one tensor. */
const of = (value: Piece): Piece => dict([unicode('w'), value])
const view = (offset: Piece, shape: Piece[], strides: Piece[]): Piece =>
  of(tensor(storage('0', int(2)), offset, shape, strides))
/** 2^62, as LONG1. */
const huge: Piece = [0x8a, 8, 0, 0, 0, 0, 0, 0, 0, 0x40]

const command = tuple(unicode('touch /tmp/pwned'))
const attacks: [string, Piece, string][] = [
  ['GLOBAL', [global('os', 'system'), command, 'R'], 'os.system'],
  ['STACK_GLOBAL', [unicode('posix'), unicode('system'), 0x93, command, 'R'], 'posix.system'],
  ['INST', ['(', unicode('true'), 'ios\nsystem\n'], 'os.system'],
  ['a dotted name', [unicode('torch._utils'), unicode('os.system'), 0x93, command, 'R'], 'torch._utils.os.system'],
  ['a name with a space', [unicode('torch'), unicode(' FloatStorage'), 0x93], 'torch. FloatStorage'],
  ['builtins', [global('builtins', 'eval'), command, 'R'], 'builtins.eval'],
  ['torch.load within', [global('torch.storage', '_load_from_bytes'), command, 'R'], 'torch.storage._load_from_bytes'],
  ['what PyTorch imports', [global('torch.hub', 'load'), command, 'R'], 'torch.hub.load'],
  ['__proto__', global('__proto__', 'constructor'), '__proto__.constructor']
]
test.each(attacks)('a command through %s is refused, and named', async (_, content, name) => {
  expect(await sentenceFor(of(content))).toBe(` names the Python object ${JSON.stringify(name)}, ${advice}`)
})

describe('storages', () => {
  const cases: [string, Piece, string][] = [
    [
      'that the archive lacks',
      of(tensor(storage('9', int(2)), int(0), [int(2)], [int(1)])),
      ' has a persistent id that is of the storage "9", which the archive does not hold.'
    ],
    [
      'with a path for a key',
      of(tensor(storage('../data.pkl', int(2)), int(0), [int(2)], [int(1)])),
      ' has a persistent id that is of the storage "../data.pkl", which the archive does not hold.'
    ],
    [
      'larger than they are',
      of(tensor(storage('0', int(200)), int(0), [int(2)], [int(1)])),
      ' has a persistent id that is of a storage of 800 bytes, but "archive/data/0" has 8.'
    ],
    [
      'smaller than they are',
      of(tensor(storage('0', int(1)), int(0), [int(1)], [int(1)])),
      ' has a persistent id that is of a storage of 4 bytes, but "archive/data/0" has 8.'
    ],
    [
      'of 2^62 elements',
      of(tensor(storage('0', huge), int(0), [int(2)], [int(1)])),
      ` has a persistent id that is of ${2n ** 62n} elements.`
    ],
    [
      'of -2 elements',
      of(tensor(storage('0', int(-2)), int(0), [int(2)], [int(1)])),
      ' has a persistent id that is of -2 elements.'
    ],
    [
      'of a class that is none',
      of(tensor(storage('0', int(2), global('torch', 'Size')), int(0), [int(2)], [int(1)])),
      ' has a persistent id that is of torch.Size, which is not a storage.'
    ],
    [
      'of two types',
      list(storage('0', int(2)), storage('0', int(2), global('torch', 'IntStorage'))),
      ' has a persistent id that is of the storage "0", which had another type or size before.'
    ],
    [
      'that are a text',
      [unicode('storage'), 'Q'],
      ' has a persistent id that is not that of a storage, but the text "storage".'
    ],
    [
      'that are a module',
      [tuple(unicode('module'), 'N', unicode('a.py'), unicode('source'), int(1)), 'Q'],
      ' has a persistent id that is not that of a storage, but a tuple.'
    ]
  ]
  test.each(cases)('%s', async (_, content, sentence) => {
    expect(await sentenceFor(content)).toBe(sentence)
  })
})

describe('views', () => {
  const beyond = (byte: number) =>
    ` has a torch._utils._rebuild_tensor_v2 that looks at byte ${byte} of a storage of 8 bytes.`
  const cases: [string, Piece, string][] = [
    ['beyond the end', view(int(1), [int(2)], [int(1)]), beyond(12)],
    ['with large strides', view(int(0), [int(2)], [int(2)]), beyond(12)],
    [
      'with strides beyond 2^53',
      view(int(0), [int(2), int(2)], [int(0), huge]),
      ` has a torch._utils._rebuild_tensor_v2 that must have strides of at most 64 whole numbers, not a tuple.`
    ],
    [
      'with a negative offset',
      view(int(-1), [int(2)], [int(1)]),
      ' has a torch._utils._rebuild_tensor_v2 that has the offset -1.'
    ],
    [
      'with negative strides',
      view(int(1), [int(2)], [int(-1)]),
      ' has a torch._utils._rebuild_tensor_v2 that must have strides of at most 64 whole numbers, not a tuple.'
    ],
    [
      'with a negative length',
      view(int(0), [int(-2)], [int(1)]),
      ' has a torch._utils._rebuild_tensor_v2 that must have a shape of at most 64 whole numbers, not a tuple.'
    ],
    [
      'with fewer strides than axes',
      view(int(0), [int(1), int(1)], [int(1)]),
      ' has a torch._utils._rebuild_tensor_v2 that has 2 axes, but strides for 1.'
    ],
    [
      'of no storage',
      of(tensor(int(3), int(0), [int(2)], [int(1)])),
      ' has a torch._utils._rebuild_tensor_v2 that is given 3 for a storage.'
    ],
    [
      'a tensor in place of a parameter',
      of(call(global('torch._utils', '_rebuild_parameter'), int(3), 0x88, orderedDict)),
      ' has a torch._utils._rebuild_parameter that is made of 3, not of a tensor.'
    ]
  ]
  test.each(cases)('%s', async (_, content, sentence) => {
    expect(await sentenceFor(content)).toBe(sentence)
  })
  test('of more elements than there are numbers for', async () => {
    const long = int(2 ** 31 - 1)
    expect(await sentenceFor(view(int(0), [long, long, long], [int(0), int(0), int(0)]))).toMatch(/ elements\.$/)
  })
  test('a small file that stands for gigabytes', async () => {
    const content = view(int(0), [int(30_000), int(30_000)], [int(0), int(0)])
    expect(await sentenceFor(content)).toMatch(
      /^: its tensors up to "w" name the same bytes again and again; they would take 3600000000 bytes, and the file has \d+\.$/
    )
  })
  test('a small file with the same tensor under many names', async () => {
    const names = Array.from({ length: 60 }, (_, index): [Piece, Piece] => [unicode(`w${index}`), ['h', 0]])
    const large = tensor(storage('0', int(2)), int(0), [int(1000), int(1000)], [int(0), int(0)])
    expect(await sentenceFor([large, 'q', 0, '0', dict(...names)])).toMatch(
      /: its tensors up to "w4" name the same bytes/
    )
  })
})

describe('what may be built', () => {
  test('a state on the result of nothing', async () => {
    expect(await sentenceFor(of([list(), dict(), 'b']))).toBe(' sets the state of a list, which is not allowed.')
    expect(await sentenceFor(of([dict(), dict(), 'b']))).toBe(' sets the state of a dict, which is not allowed.')
  })
  test('a state that is not understood', async () => {
    expect(await sentenceFor(of([orderedDict, int(3), 'b']))).toBe(
      ' has a collections.OrderedDict that has a state that is not understood: 3.'
    )
    expect(await sentenceFor(of([pair, tuple(int(3)), 'b']))).toBe(
      ' has a torch._utils._rebuild_tensor_v2 that has a state that is not understood: a tuple.'
    )
  })
  test('the versions of layers on an ordered dict are nothing to us', async () => {
    const content = [orderedDict, '(', unicode('w'), pair, 'u', dict([unicode('_metadata'), orderedDict]), 'b']
    const { weights } = await openCheckpoint(zipFile(pickle(content), floats(1, 2)))
    expect([...weights.keys()]).toEqual(['w'])
  })
  test('storages, types and classes are not called', async () => {
    expect(await sentenceFor(of([global('torch', 'FloatStorage'), tuple(int(3)), 'R']))).toBe(
      ' calls torch.FloatStorage, which may only be named.'
    )
  })
})

test('__proto__, constructor and their like are names like all others', async () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']
  const content = dict(...names.map((name): [Piece, Piece] => [unicode(name), pair]), [unicode('valueOf'), int(3)])
  const { weights, notes } = await openCheckpoint(zipFile(pickle(content), floats(1, 2)))
  expect([...weights.keys()]).toEqual(names)
  expect([...notes]).toEqual([['valueOf', '3']])
  expect(({} as Record<string, unknown>)['w']).toBeUndefined()
})

test('two names that become one', async () => {
  const content = dict([unicode('a.b'), pair], [unicode('a'), dict([unicode('b'), pair])])
  expect(await sentenceFor(content)).toBe(' has the tensor "a.b" twice.')
})

describe('nests that are small in the file and endless to a reader', () => {
  test('lists of lists of lists', async () => {
    // Each holds the one before ten times.
    const levels = Array.from({ length: 12 }, (_, level): Piece => {
      return ['0', ']', '(', Array<Piece>(10).fill(['h', level]), 'e', 'q', level + 1]
    })
    expect(await sentenceFor([']', 'q', 0, levels])).toMatch(/ names the same values again and again/)
  })
  test('a dict that holds itself', async () => {
    expect(await sentenceFor(['}', 'q', 0, unicode('self'), 'h', 0, 's'])).toMatch(
      / holds a container that holds itself\.$/
    )
  })
  test('a dict of dicts, a thousand deep', async () => {
    const deep = Array.from({ length: 1000 }, () => ['}', unicode('model')])
    expect(await sentenceFor([deep, pair, Array<Piece>(1000).fill('s')])).toMatch(/ is nested more than 100 deep\.$/)
  })
  test('wrappers within wrappers, with the same large dict in each', async () => {
    const large = dict(...Array.from({ length: 2000 }, (_, index): [Piece, Piece] => [int(index), list()]))
    const levels = Array.from({ length: 60 }, (_, level): Piece => [
      '}',
      '(',
      unicode('model'),
      'h',
      level + 1,
      unicode('net'),
      'h',
      0,
      unicode('ema'),
      'h',
      0,
      'u',
      'q',
      level + 2
    ])
    const path = zipFile(
      pickle(large, 'q', 0, '0', dict([unicode('w'), pair]), 'q', 1, '0', levels.flatMap((l) => [l, '0']).slice(0, -1)),
      floats(1, 2)
    )
    expect([...(await openCheckpoint(path)).weights.keys()]).toEqual(['w'])
  })
})

test('a bare pickle is told what it is', async () => {
  const path = fileOf(Uint8Array.from([...pickle(dict([unicode('w'), int(3)])), ...new Uint8Array(32)]))
  await expect(openCheckpoint(path)).rejects.toThrow(`${path} is a Python pickle that torch.save did not write; `)
})
