import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openCheckpoint } from '../../../../src-main/engine/checkpoint/checkpoint.ts'
import { readOutputName } from '../../../../src-main/engine/checkpoint/outputs/output-names.ts'
import { encodeSafetensors } from '../../../../src-main/engine/checkpoint/safetensors/safetensors-encode.ts'
import { readImages } from '../../../../src-main/engine/data/read-images.ts'
import { summarize } from '../../../../src-main/engine/evaluation/evaluate.ts'
import { UserError } from '../../../../src-shared/errors.ts'
import { classScatter } from '../../../../src-shared/science/class-scatter.ts'
import { rowOf } from '../../../../src-shared/science/matrix.ts'
import { npy, zip } from '../../data/formats/written.ts'
import { temporaryFolder } from '../../training/small-run.ts'

const fixture = (name: string) => fileURLToPath(new URL(`../../../fixtures/outputs/${name}`, import.meta.url))
const expected = JSON.parse(readFileSync(fixture('expected.json'), 'utf8')) as {
  code: string
  accuracies: number[]
  ensemble: number
  scatter: { sse: number; ssb: number }[]
  images: { second: number[] }
  logits: Record<string, number[]>
}
const openOutputs = async (path: string) => (await openCheckpoint(path)).outputs!

describe('what the hook of the guide saved', () => {
  test('is of the code that the guide shows', () => {
    const guide = readFileSync(fileURLToPath(new URL('../../../../docs/guide.md', import.meta.url)), 'utf8')
    const code = /## Bring your own outputs[^]*?```python\n([^]*?)```/.exec(guide)![1]!
    expect(createHash('sha256').update(code).digest('hex')).toBe(expected.code)
  })

  test('opens, and measures to what NumPy says', async () => {
    const { format, outputs, network, misfit } = await openCheckpoint(fixture('outputs.npz'))
    expect({ format, network, misfit }).toEqual({
      format: 'npz',
      network: null,
      misfit: 'holds what a network gave, not the network; this needs the network.'
    })
    const { exits, labels } = outputs!
    expect(exits.map(({ exit }) => exit)).toEqual([1, 2, 3])
    const { exits: measured, ensemble } = summarize(exits, labels)
    expect(measured.map(({ accuracy }) => accuracy)).toEqual(expected.accuracies)
    expect(ensemble.accuracy).toBe(expected.ensemble)
    exits.forEach(({ features }, index) => {
      const { sse, ssb } = classScatter(features!, labels)
      expect(sse / expected.scatter[index]!.sse).toBeCloseTo(1, 9)
      expect(ssb / expected.scatter[index]!.ssb).toBeCloseTo(1, 9)
    })
    expect(Array.from(rowOf(exits[2]!.logits, 7))).toEqual(expected.logits['exit3 image 7'])
  })
})

test('halves, big-endian and whole numbers, packed, with names and images', async () => {
  const path = fixture('stacked.npz')
  const { outputs, classes } = await openCheckpoint(path)
  const saved = await openOutputs(fixture('outputs.npz'))
  expect(classes).toEqual(['coat', 'bag', 'café', '旗', 'a longer name'])
  expect(outputs!.labels).toEqual(saved.labels)
  expect(Array.from(rowOf(outputs!.exits[2]!.logits, 7))).toEqual(expected.logits['as halves'])
  expect(outputs!.exits[0]!.features!.data).toEqual(saved.exits[0]!.features!.data)
  expect(outputs!.exits[1]!.features!.data).toEqual(saved.exits[1]!.features!.data)
  const {
    shape,
    pixels,
    labels,
    classes: named
  } = await readImages({ dataset: path, split: 'given', indices: [1, 59] })
  expect(shape).toEqual([8, 8, 1])
  expect(Array.from(pixels.subarray(0, 64))).toEqual(expected.images.second)
  expect(labels).toEqual([1, 4])
  expect(named).toEqual(classes)
  await expect(readImages({ dataset: path, split: 'given', indices: [60] })).rejects.toThrow(
    `There is no image 60 in ${path}: its 60 images are numbered from 0.`
  )
  const without = fixture('outputs.npz')
  await expect(readImages({ dataset: without, split: 'given', indices: [0] })).rejects.toThrow(
    `There are no images in ${without}.`
  )
})

test.each([
  ['logits', { role: 'logits', exit: null }],
  ['logits2', { role: 'logits', exit: 2 }],
  ['logits_2', { role: 'logits', exit: 2 }],
  ['Logits.exit2', { role: 'logits', exit: 2 }],
  ['exit1/logits', { role: 'logits', exit: 1 }],
  ['exits.0.features', { role: 'features', exit: 0 }],
  ['EXIT_12_features', { role: 'features', exit: 12 }],
  ['targets', { role: 'labels' }],
  ['class_names', { role: 'classes' }],
  ['features.0.weight', null],
  ['logits2b', null],
  ['exit/logits', null]
])('the name %s', (name, role) => expect(readOutputName(name)).toEqual(role))

type Arrays = Record<string, [shape: number[], values: ArrayBufferView, descr: string]>
const floats = (shape: number[], value = 0.5): Arrays[string] => [
  shape,
  new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value),
  '<f4'
]
const longs = (...values: number[]): Arrays[string] => [[values.length], BigInt64Array.from(values, BigInt), '<i8']
const usual: Arrays = {
  labels: longs(0, 1, 2),
  logits1: floats([3, 4]),
  logits2: floats([3, 4]),
  features1: floats([3, 2]),
  features2: floats([3, 5])
}

async function write(arrays: Arrays): Promise<string> {
  const path = join(temporaryFolder(), 'given.npz')
  const entries = Object.entries(arrays).map(([name, [shape, values, descr]]) => ({
    name: `${name}.npy`,
    data: npy(shape, new Uint8Array(values.buffer), descr)
  }))
  await writeFile(path, zip(entries))
  return path
}
/** The sentence of a refusal, `@` for the path. */
async function refusalOf(arrays: Arrays): Promise<string> {
  const path = await write(arrays)
  const error: unknown = await openCheckpoint(path).then(
    () => new Error('It was read.'),
    (reason: unknown) => reason
  )
  return (error as Error).message.replaceAll(path, '@')
}

test('an archive that would unpack to far more than it is, is refused before it is unpacked', async () => {
  const path = join(temporaryFolder(), 'bomb.npz')
  const data = new Uint8Array(80_000)
  const entry = (name: string, claims: number) => ({ name, data, packed: data, method: 8, claims })
  const bytes = 2 ** 26 + 2 ** 23
  await writeFile(path, zip([entry('labels.npy', bytes), entry('logits1.npy', 100)]))
  const most = 2 ** 26 + 16 * statSync(path).size
  await expect(openCheckpoint(path)).rejects.toThrow(
    new UserError(
      `${path} would take ${bytes + 100} bytes unpacked; at most ${most} are read of a file of its size: save it with np.savez, unpacked.`
    )
  )
})

describe('refused', () => {
  const { logits1, logits2, features1, features2, labels } = usual as Required<typeof usual>
  test.each<[string, Arrays, string]>([
    [
      'no labels',
      { logits1: logits1! },
      '@ holds logits but no labels; save them beside, as an array "labels" of whole numbers.'
    ],
    [
      'no logits',
      { labels: labels! },
      '@ holds labels but no logits; save those of each exit as "logits1", "logits2" and so on.'
    ],
    [
      'a label beyond the classes',
      { ...usual, labels: longs(0, 4, 1) },
      '@: the label of image 1 is 4, but the logits are of classes 0 to 3.'
    ],
    [
      'a label below 0',
      { ...usual, labels: longs(0, 1, -1) },
      '@: the label of image 2 is -1, but the logits are of classes 0 to 3.'
    ],
    [
      'a broken label',
      { ...usual, labels: floats([3], 1.5) },
      '@: the label of image 0 is 1.5; labels are whole numbers.'
    ],
    [
      'a label that is no number',
      { ...usual, labels: floats([3], NaN) },
      '@: the label of image 0 is NaN; labels are whole numbers.'
    ],
    [
      'labels in a table',
      { ...usual, labels: floats([3, 2], 1) },
      '@: "labels" is 3 x 2; labels are one whole number an image.'
    ],
    ['no images', { labels: longs(), logits1: floats([0, 4]) }, '@: "labels" holds no labels.'],
    [
      'NaN',
      { ...usual, logits2: floats([3, 4], NaN) },
      '@: the logits of exit 2 hold NaN at image 0; they must be finite.'
    ],
    [
      'infinity',
      { ...usual, features1: floats([3, 2], Infinity) },
      '@: the features of exit 1 hold Infinity at image 0; they must be finite.'
    ],
    ['too few rows', { ...usual, logits2: floats([2, 4]) }, '@: "logits2" has 2 rows, but there are 3 labels.'],
    [
      'too many features',
      { ...usual, features2: floats([4, 5]) },
      '@: "features2" has 4 rows, but there are 3 labels.'
    ],
    ['other classes', { ...usual, logits2: floats([3, 5]) }, '@: "logits2" is of 5 classes, but "logits1" of 4.'],
    [
      'one class',
      { labels: labels!, logits: floats([3, 1]) },
      '@: "logits" has 1 columns; logits are one for each of 2 to 65536 classes.'
    ],
    [
      'features of fewer exits',
      { labels: labels!, logits1: logits1!, logits2: logits2!, features1: features1! },
      '@ holds logits of 2 exits, but features of 1.'
    ],
    [
      'features of another exit',
      { labels: labels!, logits1: logits1!, features3: features2! },
      '@ holds "features3", but no logits of that exit.'
    ],
    [
      'stacked features of fewer exits',
      { labels: labels!, logits: floats([2, 3, 4]), features: floats([3, 3, 4]) },
      '@ holds logits of 2 exits, but features of 3.'
    ],
    [
      'both kinds',
      { ...usual, logits: floats([2, 3, 4]) },
      '@ holds "logits" and logits of single exits; leave one of them out.'
    ],
    ['one exit twice', { ...usual, logits_1: logits1! }, '@ holds "logits1" and "logits_1"; leave one of them out.'],
    ['a row for all', { ...usual, logits2: floats([12]) }, '@: "logits2" is 12; logits of an exit are a row an image.'],
    [
      'a hundred exits and one',
      { labels: labels!, logits: floats([101, 3, 4]) },
      '@: "logits" is of 101 exits; 1 to 100 are read.'
    ],
    [
      'images of another count',
      { ...usual, images: floats([2, 8, 8]) },
      '@: "images" holds 2 images, but there are 3 labels.'
    ],
    [
      'names of other classes',
      { ...usual, class_names: [[2], new Uint32Array([97, 98]), '<U1'] },
      '@: "class_names" names 2 classes, but the logits are of 4.'
    ],
    [
      'Python objects',
      { ...usual, labels: [[3], new Uint8Array(24), '|O'] },
      '@: labels.npy holds Python objects, which are not read; save plain numbers.'
    ],
    [
      'complex numbers',
      { ...usual, logits1: [[3, 4], new Uint8Array(96), '<c8'] },
      '@: logits1.npy holds values of the type "<c8", which is not read.'
    ]
  ])('%s', async (_, arrays, sentence) => expect(await refusalOf(arrays)).toBe(sentence))

  test('more than memory is for, before any of it is taken', async () => {
    const declared = (name: string, shape: string) => {
      const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape}), }`
      return {
        name,
        data: Buffer.concat([
          Buffer.from([0x93]),
          Buffer.from('NUMPY\x01\x00', 'latin1'),
          Buffer.from([text.length, 0]),
          Buffer.from(text)
        ])
      }
    }
    const path = join(temporaryFolder(), 'given.npz')
    await writeFile(path, zip([declared('logits.npy', '1000000, 1000000')]))
    await expect(openCheckpoint(path)).rejects.toThrow(
      `${path}: logits.npy declares 1000000 x 1000000 values of <f4, more than 2 GiB; it is not read.`
    )
  })
})

test('weights that share a name with outputs are weights', async () => {
  const path = await write({ labels: floats([3]), 'conv1.weight': floats([3, 3]) })
  const { outputs, tensors } = await openCheckpoint(path)
  expect(outputs).toBeNull()
  expect(tensors.map(({ name }) => name)).toEqual(['labels', 'conv1.weight'])
})

test('safetensors hold outputs, too, with names in their metadata', async () => {
  const path = join(temporaryFolder(), 'given.safetensors')
  const logits = Float32Array.from([2, 1, 0, 5, 1, 1, 3, 3])
  const tensors = new Map([
    ['labels', { dtype: 'I64', shape: [2], data: BigInt64Array.of(0n, 1n) }],
    ['logits', { dtype: 'F32', shape: [2, 2, 2], data: logits }]
  ])
  await writeFile(path, encodeSafetensors(tensors, new Map([['classes', 'cat, dog']])))
  const { outputs, classes } = await openCheckpoint(path)
  expect(classes).toEqual(['cat', 'dog'])
  expect(outputs!.exits.map(({ logits }) => Array.from(logits.data))).toEqual([
    [2, 1, 0, 5],
    [1, 1, 3, 3]
  ])
  expect(outputs!.exits.every(({ features }) => features === null)).toBe(true)
})

test('whatever bytes are changed, it opens or says a sentence', async () => {
  const whole = readFileSync(fixture('stacked.npz'))
  const path = join(temporaryFolder(), 'given.npz')
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      async (changes) => {
        const bytes = Uint8Array.from(whole)
        for (const [at, value] of changes) bytes[at] = value
        await writeFile(path, bytes)
        await openCheckpoint(path).catch((error: Error) => expect(error.name).toBe('UserError'))
      }
    ),
    { numRuns: 100 }
  )
})
