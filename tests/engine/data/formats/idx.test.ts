import { expect, it } from 'vitest'
import { describeFiles, readFiles } from '../../../../src-main/engine/data/read-dataset.ts'
import { temporaryFolder } from '../../training/small-run.ts'
import { encodeIdx } from '../idx-fixtures.ts'
import { usual, writeFiles } from './written.ts'

const contents = {
  trainImages: encodeIdx([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]),
  trainLabels: encodeIdx([2], [0, 1]),
  testImages: encodeIdx([1, 2, 2], [9, 9, 9, 9]),
  testLabels: encodeIdx([1], [1])
}

it.each([
  [
    'MNIST, as it is published',
    'train-images-idx3-ubyte',
    'train-labels-idx1-ubyte',
    't10k-images-idx3-ubyte',
    't10k-labels-idx1-ubyte'
  ],
  [
    'MNIST, as some programs unpack it',
    'train-images.idx3-ubyte',
    'train-labels.idx1-ubyte',
    't10k-images.idx3-ubyte',
    't10k-labels.idx1-ubyte'
  ],
  [
    'EMNIST',
    'emnist-digits-train-images-idx3-ubyte',
    'emnist-digits-train-labels-idx1-ubyte',
    'emnist-digits-test-images-idx3-ubyte',
    'emnist-digits-test-labels-idx1-ubyte'
  ]
])('%s', async (_, trainImages, trainLabels, testImages, testLabels) => {
  const names = { trainImages, trainLabels, testImages, testLabels }
  const files = Object.entries(contents).map(([key, bytes]) => [names[key as keyof typeof names], bytes] as const)
  const folder = await writeFiles(temporaryFolder(), Object.fromEntries(files))
  const head = { shape: [2, 2, 1], trainCount: 2, testCount: 1, classes: ['0', '1'], format: 'idx', formatText: 'IDX' }
  expect(await describeFiles(folder, usual)).toMatchObject(head)
  expect((await readFiles(folder, usual)).splits.train.images).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8))
})
