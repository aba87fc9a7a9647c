import { mkdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { previewAugmentation } from '../../../src-main/engine/calls/preview-augmentation.ts'
import { describeDataset, findDataset, loadDataset } from '../../../src-main/engine/data/dataset.ts'
import { stampOf } from '../../../src-main/engine/data/file-stamp.ts'
import { readImages } from '../../../src-main/engine/data/read-images.ts'
import { createRecentCache } from '../../../src-main/engine/data/recent-cache.ts'
import { UsageError } from '../../../src-shared/errors.ts'
import { temporaryFolder } from '../training/small-run.ts'
import { encodeIdx, writeTinyDataset } from './idx-fixtures.ts'

it('files that were changed are read again', async () => {
  const dataset = await writeTinyDataset(temporaryFolder())
  const request = { dataset, split: 'train' as const, indices: [0] }
  const first = await loadDataset(dataset)
  const head = await describeDataset(await findDataset(dataset))
  expect(await loadDataset(dataset)).toBe(first)
  expect((await readImages(request)).pixels).toEqual(Uint8Array.of(0, 10, 20, 30))
  head.classes.push('changed')
  expect((await describeDataset(await findDataset(dataset))).classes).toEqual(['0', '1', '2'])
  const changes = {
    trainImages: encodeIdx([7, 2, 2], Array<number>(28).fill(5)),
    trainLabels: encodeIdx([7], [0, 1, 2, 0, 1, 2, 3])
  }
  await writeTinyDataset(dataset, changes)
  expect((await readImages(request)).pixels).toEqual(Uint8Array.of(5, 5, 5, 5))
  expect((await loadDataset(dataset)).splits.train.count).toBe(7)
  expect(await describeDataset(await findDataset(dataset))).toMatchObject({
    trainCount: 7,
    classes: ['0', '1', '2', '3']
  })
})

it('a stamp is that of the files and folders below', async () => {
  const folder = temporaryFolder()
  await mkdir(join(folder, 'train', 'a'), { recursive: true })
  const file = join(folder, 'train', 'a', '1.png')
  await writeFile(file, 'x')
  const stamp = await stampOf(folder)
  expect(await stampOf(folder)).toBe(stamp)
  await utimes(file, 1, 1)
  const touched = await stampOf(folder)
  expect(touched).not.toBe(stamp)
  await writeFile(join(folder, 'train', 'a', '2.png'), 'x')
  expect(await stampOf(folder)).not.toBe(touched)
  const before = await stampOf(folder)
  await mkdir(join(folder, 'train', 'b'))
  expect(await stampOf(folder)).not.toBe(before)
  await expect(stampOf(join(folder, 'none'))).rejects.toThrow('none does not exist.')
})

it('what was used least recently is forgotten first; what failed, and never the last one', async () => {
  const cache = createRecentCache<number>(10, (value) => value)
  const made: string[] = []
  const get = (key: string, value: number) =>
    cache.get(key, async () => {
      made.push(key)
      return value
    })
  await get('a', 4)
  await get('b', 4)
  await get('a', 4)
  await get('c', 4)
  await get('a', 4)
  expect(made).toEqual(['a', 'b', 'c'])
  await get('b', 4)
  expect(made).toEqual(['a', 'b', 'c', 'b'])
  await get('large', 50)
  await get('large', 50)
  await get('a', 4)
  expect(made).toEqual(['a', 'b', 'c', 'b', 'large', 'a'])
  await expect(cache.get('x', () => Promise.reject(new Error('once')))).rejects.toThrow('once')
  expect(await get('x', 1)).toBe(1)
})

it('more pixels of augmentation than anybody looks at are refused', async () => {
  const side = 600
  const dataset = await writeTinyDataset(temporaryFolder(), {
    trainImages: encodeIdx([6, side, 1], Array<number>(6 * side).fill(1)),
    testImages: encodeIdx([3, side, 1], Array<number>(3 * side).fill(1))
  })
  const augmentation = { cropPadding: 0, flip: false, cutout: 8 }
  const request = { dataset, augmentation, seed: 1, indices: [0, 1, 2], draws: 4 }
  await expect(previewAugmentation(request)).rejects.toThrow(
    new UsageError('4 draws of 3 images of 608 x 608 are 4435968 pixels; ask for at most 4194304.')
  )
  expect((await previewAugmentation({ ...request, draws: 1 })).shape).toEqual([608, 608, 1])
})
