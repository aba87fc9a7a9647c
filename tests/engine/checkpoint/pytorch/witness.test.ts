import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { openCheckpoint } from '../../../../src-main/engine/checkpoint/checkpoint.ts'
import type { TensorData } from '../../../../src-main/engine/checkpoint/format.ts'
import { readContents } from '../../../../src-main/engine/checkpoint/formats.ts'
import { UserError } from '../../../../src-shared/errors.ts'
import { withOpenFile } from '../../../../src-main/engine/checkpoint/open-file.ts'

// What PyTorch wrote (tests/fixtures/witness/checkpoints.py).
const fixture = (name: string) => fileURLToPath(new URL(`../../../fixtures/checkpoints/${name}`, import.meta.url))

type Expected = { dtype: string; shape: number[]; values: (number | boolean | string)[] }
const dtypes: Record<string, string> = {
  float32: 'F32',
  float64: 'F64',
  float16: 'F16',
  bfloat16: 'BF16',
  int64: 'I64',
  int32: 'I32',
  int16: 'I16',
  int8: 'I8',
  uint8: 'U8',
  bool: 'BOOL'
}
const kinds: Record<string, new (length: number) => TensorData> = {
  I64: BigInt64Array,
  I32: Int32Array,
  I16: Int32Array,
  I8: Int32Array,
  U8: Uint8Array,
  BOOL: Uint8Array
}

describe.each([
  ['zoo.pth', 'pytorch-zip'],
  ['zoo-protocol4.pth', 'pytorch-zip'],
  ['zoo-legacy.pth', 'pytorch-legacy']
])('%s', (name, format) => {
  test('every type of values and every view is read as PyTorch has it', async () => {
    const expected = new Map(
      Object.entries(JSON.parse(readFileSync(fixture('zoo.json'), 'utf8')) as Record<string, Expected>)
    )
    await withOpenFile(fixture(name), async (file) => {
      const contents = await readContents(file)
      expect(contents.format).toBe(format)
      expect([...contents.tensors.keys()]).toEqual([...expected.keys()])
      for (const [key, { dtype, shape, load }] of contents.tensors) {
        const wanted = expected.get(key)!
        expect([key, dtype, shape]).toEqual([key, dtypes[wanted.dtype], wanted.shape])
        const values = await load()
        expect(values).toBeInstanceOf(kinds[dtype] ?? Float32Array)
        expect([key, Array.from<number | bigint, number>(values, Number)]).toEqual([key, wanted.values.map(Number)])
      }
    })
  })
})

const notesOf = async (name: string) => {
  const { notes, tensors, weights, remarks } = await openCheckpoint(fixture(name))
  return {
    notes: Object.fromEntries(notes),
    tensors: tensors.map((tensor) => tensor.name),
    remarks,
    values: [...weights.values()].map(({ data }) => [...data])
  }
}

test('of what a trainer saves the weights are opened, and its short texts and numbers become notes', async () => {
  expect(await notesOf('trainer.pth')).toEqual({
    notes: { epoch: '3', val_acc: '0.75', steps: '12', loss: '0.5' },
    tensors: ['weight', 'bias'],
    remarks: [],
    values: [[1, 2], [3]]
  })
})

test('of weights and their moving average the weights are opened, and that is said', async () => {
  expect(await notesOf('ema.pth')).toEqual({
    notes: { arch: 'linear' },
    tensors: ['weight', 'bias'],
    remarks: ['Its weights are those in "state_dict"; left out: "state_dict_ema".'],
    values: [[1, 2], [3]]
  })
})

test('dicts and lists of tensors without a known wrapper become names with dots, all but the optimizer', async () => {
  expect((await notesOf('nested.pth')).tensors).toEqual(['backbone.weight', 'backbone.bias', 'heads.0', 'heads.1.w'])
})

const save = 'save its weights alone, with torch.save(model.state_dict(), "weights.pth")'
const refusals: [string, string][] = [
  [
    'whole.pth',
    `names the Python object "torch.nn.modules.linear.Linear", as files of whole networks do; nothing in it was run: ${save}.`
  ],
  [
    'sparse.pth',
    'names the Python object "torch._utils._rebuild_sparse_tensor", which is of a sparse tensor; these are not read: save it as tensor.to_dense().'
  ],
  [
    'quantised.pth',
    `names the Python object "torch._utils._rebuild_qtensor", which is of a quantised network; quantised weights are not read: ${save}, before it is quantised.`
  ],
  [
    'complex.pth',
    'names the Python object "torch.ComplexFloatStorage", which is of complex numbers; these are not read.'
  ],
  [
    'float8.pth',
    'names the Python object "torch.float8_e4m3fn", which is a type of numbers that is not read: convert them, with tensor.float().'
  ],
  [
    'script.pt',
    'is a TorchScript archive, which holds code; nothing in it was run: save its weights alone, with torch.save(torch.jit.load(path).state_dict(), "weights.pth").'
  ]
]
test.each(refusals)('%s is refused, and what to do is said', async (name, sentence) => {
  await expect(openCheckpoint(fixture(name))).rejects.toThrow(new UserError(`${fixture(name)} ${sentence}`))
})
