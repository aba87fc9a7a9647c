import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  encodeSafetensors,
  readSafetensors,
  type SafetensorsTensor
} from '../../../../src-main/engine/checkpoint/safetensors/safetensors-file.ts'
import { UserError } from '../../../../src-shared/errors.ts'
import { createRandom } from '../../../../src-shared/science/random.ts'

const golden = join(import.meta.dirname, '../../../fixtures/golden')
let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'safetensors-'))))
afterAll(() => rm(folder, { recursive: true }))

let written = 0
async function store(bytes: Uint8Array): Promise<string> {
  const path = join(folder, `${written++}.safetensors`)
  await writeFile(path, bytes)
  return path
}

/** A file with this header text, as it is, and this many bytes of data. */
function fileOf(header: string | object, dataBytes = 0): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const bytes = new Uint8Array(8 + text.length + dataBytes)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true)
  bytes.set(text, 8)
  return bytes
}

async function refusal(bytes: Uint8Array): Promise<string> {
  const path = await store(bytes)
  const error: unknown = await readSafetensors(path).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(UserError)
  return (error as UserError).message.replace(path, 'F')
}

const f32 = (shape: number[], start: number, end: number) => ({ dtype: 'F32', shape, data_offsets: [start, end] })

describe('round trip', () => {
  const name = fc.string({ unit: 'binary', maxLength: 12 }).filter((text) => text !== '__metadata__')
  const shape = fc.array(fc.nat(3), { maxLength: 3 })
  const tensor = fc
    .tuple(shape, fc.constantFrom('F32', 'I64', 'I32', 'U8', 'BOOL'), fc.nat())
    .map(([lengths, dtype, seed]): SafetensorsTensor => {
      const random = createRandom(seed)
      const values = Array.from({ length: lengths.reduce((a, b) => a * b, 1) }, () => random.integer(256))
      if (dtype === 'I64') return { dtype, shape: lengths, data: BigInt64Array.from(values, (value) => -BigInt(value)) }
      const arrays = { F32: Float32Array, I32: Int32Array, U8: Uint8Array, BOOL: Uint8Array }
      return { dtype, shape: lengths, data: arrays[dtype as keyof typeof arrays].from(values) }
    })
  const pairs = fc.uniqueArray(fc.tuple(name, tensor), { selector: ([key]) => key, maxLength: 6 })
  const texts = fc.dictionary(fc.string(), fc.string(), { maxKeys: 3, noNullPrototype: true })

  it('gives back every tensor and text', async () => {
    await fc.assert(
      fc.asyncProperty(pairs, texts, async (entries, metadata) => {
        const tensors = new Map(entries)
        const bytes = encodeSafetensors(tensors, new Map(Object.entries(metadata)))
        const read = await readSafetensors(await store(bytes))
        expect(new Map([...read.tensors].sort())).toEqual(new Map([...tensors].sort()))
        expect(read.metadata).toEqual(new Map(Object.entries(metadata)))
        expect(encodeSafetensors(new Map(entries.toReversed()), read.metadata)).toEqual(bytes)
      }),
      { numRuns: 60, seed: 1 }
    )
  })

  it('keeps names that are special elsewhere, and aligns the data', async () => {
    const data = Float32Array.of(1, NaN, -0)
    const names = ['__proto__', 'constructor', 'é"\\\n']
    const bytes = encodeSafetensors(new Map(names.map((key) => [key, { dtype: 'F32', shape: [3], data }])))
    const { tensors } = await readSafetensors(await store(bytes))
    expect([...tensors.keys()].sort()).toEqual([...names].sort())
    expect([...tensors.values()].map((tensor) => tensor.data)).toEqual([data, data, data])
    expect(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8).toBe(0)
  })

  it('refuses to write what does not fit together', () => {
    const wrong: SafetensorsTensor = { dtype: 'F32', shape: [2], data: Float32Array.of(1) }
    expect(() => encodeSafetensors(new Map([['a', wrong]]))).toThrow(
      'Tensor a cannot be written: F32 [2] with 1 values.'
    )
    expect(() => encodeSafetensors(new Map([['a', { ...wrong, dtype: 'F16' }]]))).toThrow(RangeError)
    expect(() => encodeSafetensors(new Map([['a', { ...wrong, data: new Int32Array(2) }]]))).toThrow(RangeError)
  })
})

describe('a header that is larger than any network needs', () => {
  it('of more than 100,000 names is refused before all are read', async () => {
    const names = (count: number) =>
      Array.from({ length: count }, (_, index) => `"${index}":${JSON.stringify(f32([0], 0, 0))}`)
    expect(await refusal(fileOf(`{${names(100_001).join()}}`))).toContain('it names more than 100000 tensors')
    expect((await readSafetensors(await store(fileOf(`{${names(100_000).join()}}`)))).tensors.size).toBe(100_000)
  })

  it('so is a list of more than 64 numbers', async () => {
    const ones = (count: number) => ({ a: f32(Array<number>(count).fill(1), 0, 4) })
    expect(await refusal(fileOf(ones(65), 4))).toContain('it has a list of more than 64 numbers')
    expect((await readSafetensors(await store(fileOf(ones(64), 4)))).tensors.get('a')?.shape).toHaveLength(64)
  })
})

describe('files of other programs', () => {
  it.each([
    ['bottleneck-resnet18-w8', 'fc.weight', [10, 64]],
    ['bottleneck-resnet50-w4-dataparallel', 'fc.weight', [10, 128]]
  ])('opens %s', async (name, key, shape) => {
    const path = join(golden, name, 'weights.safetensors')
    const { tensors } = await readSafetensors(path)
    const tensor = tensors.get(key)
    expect(tensor?.shape).toEqual(shape)
    expect(tensor?.data.every((value) => Math.abs(Number(value)) < 10)).toBe(true)
    expect(tensors.get('bn1.num_batches_tracked')).toMatchObject({ dtype: 'I64', shape: [] })
    const bytes = await readFile(path)
    expect(Buffer.compare(encodeSafetensors(tensors), bytes)).toBe(0)
  })

  it('reads every number type, at any offset', async () => {
    const header = {
      flag: { dtype: 'BOOL', shape: [1], data_offsets: [0, 1] },
      half: { dtype: 'F16', shape: [4], data_offsets: [1, 9] },
      brain: { dtype: 'BF16', shape: [2], data_offsets: [9, 13] },
      double: { dtype: 'F64', shape: [1], data_offsets: [13, 21] },
      short: { dtype: 'I16', shape: [1], data_offsets: [21, 23] },
      byte: { dtype: 'I8', shape: [1], data_offsets: [23, 24] },
      word: { dtype: 'I32', shape: [1], data_offsets: [24, 28] },
      long: { dtype: 'I64', shape: [1], data_offsets: [28, 36] }
    }
    const bytes = fileOf(header, 36)
    const view = new DataView(bytes.buffer, bytes.length - 36)
    view.setUint8(0, 1)
    ;[0x3c00, 0xc000, 0x7c00, 0x0001].forEach((half, index) => view.setUint16(1 + 2 * index, half, true))
    ;[0x3fc0, 0xff80].forEach((brain, index) => view.setUint16(9 + 2 * index, brain, true))
    view.setFloat64(13, 0.1, true)
    view.setInt16(21, -300, true)
    view.setInt8(23, -3)
    view.setInt32(24, -70000, true)
    view.setBigInt64(28, -(2n ** 60n), true)
    const { tensors } = await readSafetensors(await store(bytes))
    expect(Object.fromEntries([...tensors].map(([key, { data }]) => [key, data]))).toEqual({
      flag: Uint8Array.of(1),
      half: Float32Array.of(1, -2, Infinity, 2 ** -24),
      brain: Float32Array.of(1.5, -Infinity),
      double: Float32Array.of(0.1),
      short: Int32Array.of(-300),
      byte: Int32Array.of(-3),
      word: Int32Array.of(-70000),
      long: BigInt64Array.of(-(2n ** 60n))
    })
  })
})

describe('refusals', () => {
  const length = (declared: bigint) => {
    const bytes = new Uint8Array(10)
    new DataView(bytes.buffer).setBigUint64(0, declared, true)
    return bytes
  }
  const named = 'F is not a safetensors file: '
  const cases: [string, Uint8Array, string][] = [
    ['an empty file', new Uint8Array(), named + "it holds 0 bytes, less than the 8 of the header's length."],
    [
      'a huge header',
      length(2n ** 63n),
      named + 'its header would be 9223372036854775808 bytes long, and at most 100000000 are allowed.'
    ],
    [
      'a header over the cap',
      length(100_000_001n),
      named + 'its header would be 100000001 bytes long, and at most 100000000 are allowed.'
    ],
    ['a header beyond the end', length(3n), named + 'its header would be 3 bytes long, but only 2 bytes follow.'],
    ['an empty header', length(0n), named + 'its header does not begin with {.'],
    ['space before the header', fileOf(' {}'), named + 'its header does not begin with {.'],
    ['a list', fileOf('[]'), named + 'its header does not begin with {.'],
    [
      'no UTF-8',
      fileOf('{"a":"~"}').map((byte) => (byte === 0x7e ? 0xff : byte)),
      named + 'its header is not UTF-8 text.'
    ],
    ['an end too early', fileOf('{"a":{"dtype":"F32"'), named + 'its header cannot be understood, it ends too early.'],
    ['text behind', fileOf('{} x'), named + 'its header cannot be understood, unexpected text at character 3.'],
    [
      'a negative number',
      fileOf('{"a":-1}'),
      named + 'its header cannot be understood, unexpected text at character 5.'
    ],
    ['a leading zero', fileOf('{"a":01}'), named + 'its header cannot be understood, unexpected text at character 5.'],
    [
      'a trailing comma',
      fileOf('{"a":1,}'),
      named + 'its header cannot be understood, unexpected text at character 7.'
    ],
    ['null', fileOf('{"a":null}'), named + 'its header cannot be understood, unexpected text at character 5.'],
    ['a bad escape', fileOf('{"\\x":1}'), named + 'its header cannot be understood, unexpected text at character 1.'],
    ['depth', fileOf(`{"a":${'['.repeat(5)}`), named + 'its header cannot be understood, it is nested too deeply.'],
    ['a duplicate', fileOf('{"a":1,"\\u0061":2}'), named + 'its header cannot be understood, it names "a" twice.'],
    [
      'a duplicate field',
      fileOf('{"a":{"dtype":"F32","dtype":"F32"}}'),
      named + 'its header cannot be understood, it names "dtype" twice.'
    ],
    ['metadata as a list', fileOf({ __metadata__: [] }), 'F: __metadata__ is not an object.'],
    ['metadata as numbers', fileOf({ __metadata__: { epoch: 3 } }), 'F: the metadata "epoch" is not a text.'],
    ['an entry that is no object', fileOf({ a: 'F32' }), 'F: tensor "a" is not described by an object.'],
    [
      'an unknown field',
      fileOf({ a: { ...f32([], 0, 4), strides: [1] } }, 4),
      'F: tensor "a" has the unknown field "strides".'
    ],
    ['no type', fileOf({ a: { shape: [], data_offsets: [0, 4] } }, 4), 'F: tensor "a" has no data type.'],
    [
      'an unknown type',
      fileOf({ a: { ...f32([], 0, 4), dtype: 'F8_E4M3' } }, 4),
      'F: tensor "a" has the data type "F8_E4M3", which is not supported.'
    ],
    [
      'a type from the prototype',
      fileOf({ a: { ...f32([], 0, 4), dtype: 'constructor' } }, 4),
      'F: tensor "a" has the data type "constructor", which is not supported.'
    ],
    ['no shape', fileOf({ a: { dtype: 'F32', shape: '3', data_offsets: [0, 4] } }, 4), 'F: tensor "a" has no shape.'],
    [
      'three offsets',
      fileOf({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4, 8] } }, 4),
      'F: tensor "a" has no data offsets.'
    ],
    [
      'a length that is not the shape',
      fileOf({ a: f32([2], 0, 4) }, 4),
      'F: tensor "a" has 4 bytes, but its shape [2] of F32 needs 8.'
    ],
    [
      'offsets backwards',
      fileOf({ a: f32([0], 4, 0) }, 4),
      'F: tensor "a" has -4 bytes, but its shape [0] of F32 needs 0.'
    ],
    [
      'an overflowing shape',
      fileOf({ a: f32([2 ** 50, 2 ** 50], 0, 4) }, 4),
      'F: tensor "a" has 4 bytes, but its shape [1125899906842624, 1125899906842624] of F32 needs 5.070602400912918e+30.'
    ],
    [
      'a gap at the start',
      fileOf({ a: f32([1], 4, 8) }, 8),
      'F: tensor "a" begins at byte 4 of the data instead of 0.'
    ],
    [
      'an overlap',
      fileOf({ a: f32([2], 0, 8), b: f32([1], 4, 8) }, 8),
      'F: tensor "b" begins at byte 4 of the data instead of 8.'
    ],
    [
      'data behind the last tensor',
      fileOf({ a: f32([1], 0, 4) }, 5),
      'F: the tensors need 4 bytes of data, but the file holds 5.'
    ],
    ['data missing', fileOf({ a: f32([2], 0, 8) }, 7), 'F: the tensors need 8 bytes of data, but the file holds 7.'],
    [
      'a long, hostile name',
      fileOf({ ['\u0007'.repeat(200)]: 'x' }),
      `F: tensor "${'\\u0007'.repeat(79)}…" is not described by an object.`
    ]
  ]
  it.each(cases)('%s', async (_, bytes, message) => expect(await refusal(bytes)).toBe(message))

  it('a missing file, a folder, a device', async () => {
    const missing = join(folder, 'missing.safetensors')
    await expect(readSafetensors(missing)).rejects.toThrow(new UserError(`${missing} does not exist.`))
    await expect(readSafetensors(folder)).rejects.toThrow(new UserError(`${folder} is a folder, not a file.`))
    if (process.platform !== 'win32')
      await expect(readSafetensors('/dev/null')).rejects.toThrow(new UserError('/dev/null is not a regular file.'))
  })

  it('an escape at the very end of the header', async () => {
    expect(await refusal(fileOf('{"a\\'))).toBe(named + 'its header cannot be understood, it ends too early.')
  })
})

describe('damage', () => {
  const small = encodeSafetensors(
    new Map<string, SafetensorsTensor>([
      ['a', { dtype: 'I64', shape: [], data: BigInt64Array.of(7n) }],
      ['b', { dtype: 'F32', shape: [2, 1], data: Float32Array.of(1, 2) }],
      ['c', { dtype: 'U8', shape: [3], data: Uint8Array.of(1, 2, 3) }]
    ]),
    new Map([['made', 'here']])
  )

  it('every truncation is refused', async () => {
    for (let length = 0; length < small.length; length++) expect(await refusal(small.slice(0, length))).toContain('F')
  })

  it('flipped bytes give a well-formed result or a refusal, never anything else', async () => {
    const random = createRandom(1, 'flips')
    const path = join(folder, 'flipped.safetensors')
    for (let round = 0; round < 500; round++) {
      const bytes = small.slice()
      for (let flip = 0; flip <= round % 3; flip++) bytes[random.integer(bytes.length)]! ^= 1 << random.integer(8)
      await writeFile(path, bytes)
      const result: unknown = await readSafetensors(path).catch((error: unknown) => error)
      if (result instanceof Error) expect(result).toBeInstanceOf(UserError)
      else expect(result).toHaveProperty('tensors.size', 3)
    }
  })
})
