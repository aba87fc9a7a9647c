import fc from 'fast-check'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readContents } from '../../../../src-main/engine/checkpoint/formats.ts'
import { withOpenFile } from '../../../../src-main/engine/checkpoint/open-file.ts'
import { encodePytorch } from '../../../../src-main/engine/checkpoint/pytorch/pytorch-encode.ts'
import type { SafetensorsTensor } from '../../../../src-main/engine/checkpoint/safetensors/safetensors-file.ts'
import { UserError } from '../../../../src-shared/errors.ts'
import { temporaryFolder } from '../../training/small-run.ts'
import { fileOf, placesIn } from './torch-files.ts'

const shapes = fc.array(fc.nat({ max: 3 }), { maxLength: 4 })
const sizeOf = (shape: number[]) => shape.reduce((product, length) => product * length, 1)
const tensors = fc.oneof(
  shapes.chain((shape) => {
    const size = sizeOf(shape)
    return fc
      .float32Array({ minLength: size, maxLength: size })
      .map((data): SafetensorsTensor => ({ dtype: 'F32', shape, data }))
  }),
  shapes.chain((shape) => {
    const size = sizeOf(shape)
    return fc
      .bigInt64Array({ minLength: size, maxLength: size })
      .map((data): SafetensorsTensor => ({ dtype: 'I64', shape, data }))
  }),
  shapes.chain((shape) => {
    const size = sizeOf(shape)
    return fc
      .int32Array({ minLength: size, maxLength: size })
      .map((data): SafetensorsTensor => ({ dtype: 'I32', shape, data }))
  }),
  shapes.chain((shape) => {
    const size = sizeOf(shape)
    return fc
      .uint8Array({ minLength: size, maxLength: size, max: 1 })
      .chain((data) => fc.constantFrom('U8', 'BOOL').map((dtype): SafetensorsTensor => ({ dtype, shape, data })))
  })
)
const stateDicts = fc
  .uniqueArray(fc.tuple(fc.string({ unit: 'grapheme', maxLength: 12, minLength: 1 }), tensors), {
    selector: ([name]) => name,
    maxLength: 6,
    minLength: 1
  })
  .map((entries) => new Map(entries))

test('what is written is read again, in the same order', async () => {
  const folder = temporaryFolder()
  await fc.assert(
    fc.asyncProperty(stateDicts, async (state) => {
      const bytes = encodePytorch(state)
      expect(Buffer.from(encodePytorch(state)).equals(Buffer.from(bytes))).toBe(true)
      const path = join(folder, 'state.pth')
      writeFileSync(path, bytes)
      const read = await withOpenFile(path, async (file) => {
        const { format, tensors } = await readContents(file)
        expect(format).toBe('pytorch-zip')
        const all: [string, SafetensorsTensor][] = []
        for (const [name, { dtype, shape, load }] of tensors) all.push([name, { dtype, shape, data: await load() }])
        return all
      })
      expect(read).toEqual([...state])
    }),
    { numRuns: 60 }
  )
})

test('every storage begins at a multiple of 64 bytes, as PyTorch has it', () => {
  const zip = encodePytorch(
    new Map(
      Array.from({ length: 12 }, (_, index) => [
        `${'w'.repeat(index)}`,
        { dtype: 'F32', shape: [index], data: new Float32Array(index) }
      ])
    )
  )
  for (let index = 0; index < 12; index++) expect(placesIn(zip, `archive/data/${index}`).content % 64).toBe(0)
})

test('what does not fit together is not written', () => {
  const write = (tensor: SafetensorsTensor) => () => encodePytorch(new Map([['w', tensor]]))
  expect(write({ dtype: 'F32', shape: [3], data: new Float32Array(2) })).toThrow(
    new RangeError('Tensor w cannot be written: F32 [3] with 2 values.')
  )
  expect(write({ dtype: 'F16', shape: [2], data: new Float32Array(2) })).toThrow(RangeError)
  expect(write({ dtype: 'I64', shape: [2], data: new Float32Array(2) })).toThrow(RangeError)
})

const python = process.env['AUTODIDACT_WITNESS_PYTHON']
test.skipIf(!python)(
  'torch.load(weights_only=True) reads it, value for value',
  () => {
    const state = new Map<string, SafetensorsTensor>([
      ['conv.weight', { dtype: 'F32', shape: [2, 1, 3], data: Float32Array.of(1, -2.5, 3e-40, 4, Infinity, -0) }],
      ['größe', { dtype: 'I64', shape: [], data: BigInt64Array.of(-(2n ** 62n)) }],
      ['steps', { dtype: 'I32', shape: [2], data: Int32Array.of(-7, 2 ** 31 - 1) }],
      ['bytes', { dtype: 'U8', shape: [1, 2], data: Uint8Array.of(0, 255) }],
      ['flags', { dtype: 'BOOL', shape: [2], data: Uint8Array.of(1, 0) }],
      ['empty', { dtype: 'F32', shape: [0, 3], data: new Float32Array(0) }]
    ])
    const program = `
import sys, torch
import { UserError } from '../../../../src-shared/errors.ts'
for mmap in (False, True):
    state = torch.load(sys.argv[1], weights_only=True, mmap=mmap)
    assert type(state).__name__ == 'OrderedDict' and list(state) == ['conv.weight', 'größe', 'steps', 'bytes', 'flags', 'empty'], list(state)
    expected = [torch.tensor([[[1, -2.5, 3e-40]], [[4, float('inf'), -0.0]]]), torch.tensor(-2 ** 62),
                torch.tensor([-7, 2 ** 31 - 1], dtype=torch.int32), torch.tensor([[0, 255]], dtype=torch.uint8),
                torch.tensor([True, False]), torch.zeros(0, 3)]
    for value, wanted in zip(state.values(), expected):
        assert value.dtype == wanted.dtype and value.shape == wanted.shape and value.is_contiguous(), (value, wanted)
        assert value.numpy().tobytes() == wanted.numpy().tobytes(), (value, wanted)
`
    const { status, stderr } = spawnSync(python!, ['-c', program, fileOf(encodePytorch(state))], { encoding: 'utf8' })
    expect([status, status === 0 ? '' : stderr]).toEqual([0, ''])
  },
  120_000
)

test('more than a zip archive holds is refused in a sentence, before anything is copied', () => {
  // Memory that nobody touches is none.
  const tensor = { dtype: 'F32', shape: [2 ** 29], data: new Float32Array(2 ** 29) }
  expect(() => encodePytorch(new Map(['a', 'b', 'c'].map((name) => [name, tensor])))).toThrow(
    new UserError(
      'A zip archive holds at most 4 GiB, and this would be one of 6.0 GiB; export it as safetensors instead.'
    )
  )
  const small = { dtype: 'U8', shape: [], data: new Uint8Array(1) }
  const many = new Map(Array.from({ length: 65_535 }, (_, index) => [`${index}`, small] as const))
  expect(() => encodePytorch(many)).toThrow(
    new UserError(
      'A zip archive holds at most 65534 files, and this would be one of 65535; export it as safetensors instead.'
    )
  )
})
