import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { describeFiles, readFiles } from '../../../../src-main/engine/data/read-dataset.ts'
import { bytesOf, dict, global, int, list, numpyArray, pickle, str, type Piece } from '../../pickle/pickle-writer.ts'
import { temporaryFolder } from '../../training/small-run.ts'
import { cifarPlanes, refusalOf, usual, witness, witnessed, writeFiles } from './written.ts'

const images = [cifarPlanes(0, 50, 100), cifarPlanes(7, 8, 9), cifarPlanes(255, 0, 1)] as const
const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const ten = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck']

const record = (label: number, image: number): Piece => [label, images[image]!]
const binary10 = {
  'data_batch_1.bin': bytesOf(record(3, 0)),
  'data_batch_2.bin': bytesOf(record(9, 1)),
  'test_batch.bin': bytesOf(record(0, 2)),
  'batches.meta.txt': `${ten.join('\n')}\n\n`
}
const hundred = (kind: string, count: number) => Array.from({ length: count }, (_, index) => `${kind} ${index}`)
const binary100 = {
  'train.bin': bytesOf([4, record(77, 0), 19, record(0, 1)]),
  'test.bin': bytesOf([1, record(99, 2)]),
  'fine_label_names.txt': hundred('fine', 100).join('\n'),
  'coarse_label_names.txt': hundred('coarse', 20).join('\r\n')
}

/** A batch as Python 2 wrote CIFAR's. */
const batch = (
  labels: Piece,
  chosen: number[],
  data = numpyArray([chosen.length, 3072], bytesOf(chosen.map((index) => images[index]!)))
) =>
  pickle(
    dict(
      [str('batch_label'), str('batch')],
      [str('labels'), labels],
      [str('data'), data],
      [str('filenames'), list(...chosen.map(() => str('a.png')))]
    )
  )
const python10 = {
  data_batch_1: batch(list(int(3)), [0]),
  data_batch_2: batch(list(int(9)), [1]),
  test_batch: batch(list(int(0)), [2]),
  'batches.meta': pickle(dict([str('label_names'), list(...ten.map(str))]))
}

describe('CIFAR-10', () => {
  it.each([
    ['binary', binary10, 'CIFAR binary'],
    ['Python', python10, 'CIFAR Python']
  ])('%s', async (_, files, formatText) => {
    const folder = await writeFiles(temporaryFolder(), files)
    const head = { classes: ten, shape: [32, 32, 3], trainCount: 2, testCount: 1, formatText }
    expect(await describeFiles(folder, usual)).toMatchObject(head)
    const read = await readFiles(folder, usual)
    expect(read).toMatchObject(head)
    const { train, test } = read.splits
    expect([...train.images.subarray(0, 6)]).toEqual([0, 50, 100, 1, 51, 101])
    expect([...train.images.subarray(3072, 3075)]).toEqual([7, 8, 9])
    expect([...test.images.subarray(-3)]).toEqual([254, 255, 0])
    expect([[...train.labels], [...test.labels]]).toEqual([[3, 9], [0]])
  })

  it('has one hash, whichever of its files it is read from', async () => {
    const [a, b] = [await writeFiles(temporaryFolder(), binary10), await writeFiles(temporaryFolder(), python10)]
    expect((await readFiles(a, usual)).hash).toBe((await readFiles(b, usual)).hash)
  })

  it('without its names, and with ten batches in the order of their numbers', async () => {
    const more = Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => [`data_batch_${index + 1}.bin`, bytesOf(record(index, 0))])
    )
    const folder = await writeFiles(temporaryFolder(), { ...binary10, ...more, 'batches.meta.txt': null })
    const { classes, splits } = await readFiles(folder, usual)
    expect(classes).toEqual(ten)
    expect([...splits.train.labels]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('pickled by Python 3 and NumPy 2, one batch column by column', async () => {
    type Expected = { classes: string[]; train: string; trainLabels: number[]; test: string; testLabels: number[] }
    const expected = await witnessed<Expected>('cifar10')
    const { classes, splits } = await readFiles(join(witness, 'cifar-10-batches-py'), usual)
    expect(classes).toEqual(expected.classes)
    expect(digest(splits.train.images)).toBe(expected.train)
    expect([...splits.train.labels]).toEqual(expected.trainLabels)
    expect(digest(splits.test.images)).toBe(expected.test)
    expect([...splits.test.labels]).toEqual(expected.testLabels)
  })
})

describe('CIFAR-100', () => {
  it('binary, with fine and coarse labels', async () => {
    const folder = await writeFiles(temporaryFolder(), binary100)
    const fine = await readFiles(folder, usual)
    expect(fine.classes).toEqual(hundred('fine', 100))
    expect([...fine.splits.train.labels, ...fine.splits.test.labels]).toEqual([77, 0, 99])
    expect([...fine.splits.test.images.subarray(0, 3)]).toEqual([255, 0, 1])
    const coarse = await readFiles(folder, { ...usual, labels: 'coarse' })
    expect(coarse.classes).toEqual(hundred('coarse', 20))
    expect([...coarse.splits.train.labels, ...coarse.splits.test.labels]).toEqual([4, 19, 1])
    expect(coarse.hash).not.toBe(fine.hash)
  })

  it('pickled by Python 3', async () => {
    type Expected = { train: string; fine: number[]; coarse: number[]; test: string }
    const expected = await witnessed<Expected>('cifar100')
    for (const labels of ['fine', 'coarse'] as const) {
      const { classes, splits } = await readFiles(join(witness, 'cifar-100-python'), { ...usual, labels })
      expect(classes[3]).toBe(`${labels} 3`)
      expect([...splits.train.labels]).toEqual(expected[labels])
      expect([digest(splits.train.images), digest(splits.test.images)]).toEqual([expected.train, expected.test])
    }
  })
})

describe('broken', () => {
  it.each<[string, Record<string, Uint8Array | string | null>, string]>([
    [
      'a batch that is cut off',
      { ...binary10, 'data_batch_2.bin': binary10['data_batch_2.bin'].slice(0, 3000) },
      '@/data_batch_2.bin holds 3000 bytes, which is no multiple of the 3073 of an image with its label; it is cut off, or no CIFAR file.'
    ],
    ['an empty batch', { ...binary10, 'test_batch.bin': '' }, '@/test_batch.bin holds no images.'],
    ['no test batch', { ...binary10, 'test_batch.bin': null }, '@ holds no test_batch.bin.'],
    ['a test batch only', { 'test_batch.bin': binary10['test_batch.bin'] }, '@ holds no data_batch_1.bin.'],
    [
      'a label that is none',
      { ...binary10, 'data_batch_1.bin': bytesOf([record(1, 0), record(10, 1)]) },
      '@/data_batch_1.bin holds the label 10 at image 1; labels are 0 to 9.'
    ],
    [
      'too few names',
      { ...binary10, 'batches.meta.txt': 'cat\ndog\n' },
      '@/batches.meta.txt names 2 classes; there must be 10.'
    ],
    [
      'names without end',
      { ...binary10, 'batches.meta.txt': 'a'.repeat(100_000) },
      '@/batches.meta.txt holds 100000 bytes; at most 65536 are read.'
    ],
    [
      'a coarse label in place of a fine one',
      { ...binary100, 'test.bin': bytesOf([3, record(100, 0)]) },
      '@/test.bin holds the label 100 at image 0; labels are 0 to 99.'
    ],
    ['no test file', { ...binary100, 'test.bin': null }, '@ holds no test.bin.'],
    [
      'a pickle that is cut off',
      { ...python10, data_batch_1: python10.data_batch_1.slice(0, 2000) },
      '@/data_batch_1 is cut off or damaged: at byte 193 it says 3072 bytes follow, but there are 1807.'
    ],
    [
      'an attack for a batch',
      { ...python10, data_batch_1: pickle(global('os', 'system'), '(', str('id'), 'tR') },
      '@/data_batch_1 names the Python object "os.system", which is not among those that are read; it was not opened, and nothing in it was run.'
    ],
    [
      'an attack for the names',
      { ...python10, 'batches.meta': pickle(global('builtins', 'exec'), '(', str('1'), 'tR') },
      '@/batches.meta names the Python object "builtins.exec", which is not among those that are read; it was not opened, and nothing in it was run.'
    ],
    [
      'a list for a batch',
      { ...python10, test_batch: pickle(list()) },
      '@/test_batch holds a list; a CIFAR file holds a dict.'
    ],
    [
      'no pixels',
      { ...python10, test_batch: pickle(dict([str('labels'), list()])) },
      '@/test_batch has nothing for its data; that must be an array of bytes.'
    ],
    [
      'no labels',
      { ...python10, test_batch: pickle(dict([str('data'), numpyArray([1, 3072], images[0])])) },
      '@/test_batch has nothing for its labels; that must be a list of numbers.'
    ],
    ['too few labels', { ...python10, test_batch: batch(list(), [2]) }, '@/test_batch holds 0 labels for 1 images.'],
    [
      'a label of text',
      { ...python10, test_batch: batch(list(str('cat')), [2]) },
      '@/test_batch has 3 bytes for the label of image 0.'
    ],
    [
      'a label out of range',
      { ...python10, test_batch: batch(list(int(-1)), [2]) },
      '@/test_batch holds the label -1 at image 0; labels are 0 to 9.'
    ],
    [
      'images of another size',
      { ...python10, test_batch: batch(list(int(1)), [], numpyArray([1, 768], images[0].slice(0, 768))) },
      '@/test_batch holds an array of 1 x 768 u1; it must be count x 3072 u1.'
    ],
    ['no images', { ...python10, test_batch: batch(list(), []) }, '@/test_batch holds no images.'],
    [
      'names that are no list',
      { ...python10, 'batches.meta': pickle(dict([str('label_names'), str('cat')])) },
      '@/batches.meta has 3 bytes for its label_names; a list is needed.'
    ]
  ])('%s', async (_, files, message) =>
    expect(await refusalOf(await writeFiles(temporaryFolder(), files))).toBe(message)
  )
})
