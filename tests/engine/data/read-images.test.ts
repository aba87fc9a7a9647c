import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadDataset } from '../../../src-main/engine/data/dataset.ts'
import { readImages } from '../../../src-main/engine/data/read-images.ts'
import { UsageError } from '../../../src-shared/errors.ts'
import { temporaryFolder } from '../training/small-run.ts'
import { encodeIdx, writeTinyDataset } from './idx-fixtures.ts'

describe('a folder', () => {
  test('gives the pixels and labels asked for, in that order, each as often as asked', async () => {
    const dataset = await writeTinyDataset(join(temporaryFolder(), 'tiny'))
    const { shape, pixels, labels, classes } = await readImages({ dataset, split: 'test', indices: [2, 0, 2] })
    expect(shape).toEqual([2, 2, 1])
    expect([...pixels]).toEqual([247, 246, 245, 244, 255, 254, 253, 252, 247, 246, 245, 244])
    expect(labels).toEqual([0, 2, 0])
    expect(classes).toEqual(['0', '1', '2'])
    expect(await readImages({ dataset, split: 'test', indices: [] })).toMatchObject({
      labels: [],
      pixels: { length: 0 }
    })
  })

  test('what is changed in the answer is not changed in the next one', async () => {
    const dataset = await writeTinyDataset(temporaryFolder())
    const request = { dataset, split: 'train', indices: [1] } as const
    const first = await readImages({ ...request, indices: [1] })
    first.pixels.fill(0)
    first.classes[0] = 'changed'
    first.shape[0] = 9
    expect(await readImages({ ...request, indices: [1] })).toEqual({
      shape: [2, 2, 1],
      pixels: Uint8Array.of(40, 50, 60, 70),
      labels: [1],
      classes: ['0', '1', '2']
    })
  })

  test('a damaged file is a sentence, and is read again once it is mended', async () => {
    const folder = temporaryFolder()
    const dataset = await writeTinyDataset(folder, { testLabels: encodeIdx([2], [0, 1]) })
    const request = { dataset, split: 'test' as const, indices: [0] }
    await expect(readImages(request)).rejects.toThrow('holds 2 labels for 3 images.')
    await writeTinyDataset(folder)
    expect((await readImages(request)).labels).toEqual([2])
  })

  test('labels without end are refused, not counted', async () => {
    const dataset = await writeTinyDataset(temporaryFolder(), {
      trainLabels: encodeIdx([6], [0, 1, 2, 0, 1, 2 ** 31 - 1], 12)
    })
    await expect(readImages({ dataset, split: 'test', indices: [0] })).rejects.toThrow(
      'holds labels outside 0 to 65535.'
    )
  })

  test('more splits than are kept are read again', async () => {
    const folders = await Promise.all(Array.from({ length: 6 }, () => writeTinyDataset(temporaryFolder())))
    for (const dataset of [...folders, ...folders])
      expect((await readImages({ dataset, split: 'train', indices: [5] })).labels).toEqual([2])
  })
})

test('Fashion-MNIST: the same pixels as measurements use', async () => {
  const { splits, classes } = await loadDataset('fashion-mnist')
  const found = await readImages({ dataset: 'fashion-mnist', split: 'test', indices: [9999, 17] })
  const bytes = 28 * 28
  const expected = [9999, 17].flatMap((index) => [...splits.test.images.subarray(index * bytes, (index + 1) * bytes)])
  expect([...found.pixels]).toEqual(expected)
  expect(found.labels).toEqual([9999, 17].map((index) => splits.test.labels[index]))
  expect(found).toMatchObject({ shape: [28, 28, 1], classes })
})

test('an image or a data set that is not there', async () => {
  await expect(readImages({ dataset: 'fashion-mnist', split: 'test', indices: [0, 10_000] })).rejects.toThrow(
    new UsageError('There is no image 10000 in the test split of fashion-mnist: its 10000 images are numbered from 0.')
  )
  await expect(readImages({ dataset: 'nothing', split: 'test', indices: [0] })).rejects.toThrow(
    'There is no data set or folder named "nothing"; the data sets known are: fashion-mnist.'
  )
})
