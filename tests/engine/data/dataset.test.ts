import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listDatasets, loadDataset } from '../../../src-main/engine/data/dataset.ts'
import { readIdx } from '../../../src-main/engine/data/idx.ts'
import { UsageError, UserError } from '../../../src-shared/errors.ts'
import { encodeIdx, idxNames, writeTinyDataset } from './idx-fixtures.ts'

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'dataset-'))))
afterAll(() => rm(folder, { recursive: true }))

async function refusalOf(bytes: Uint8Array): Promise<string> {
  const path = join(folder, 'file')
  await writeFile(path, bytes)
  const error: unknown = await readIdx(path).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(UserError)
  return (error as Error).message.replace(path, 'F')
}

describe('readIdx', () => {
  it('reads bytes and int32, packed and plain', async () => {
    const path = join(folder, 'good')
    await writeFile(path, encodeIdx([2, 1, 3], [1, 2, 3, 4, 5, 255]))
    expect(await readIdx(path)).toMatchObject({ dims: [2, 1, 3], values: Uint8Array.of(1, 2, 3, 4, 5, 255) })
    await writeFile(path, gzipSync(encodeIdx([3], [-1, 70000, 2], 12)))
    expect(await readIdx(path)).toMatchObject({ dims: [3], values: Int32Array.of(-1, 70000, 2) })
  })

  const good = encodeIdx([2, 2], [1, 2, 3, 4])
  const bomb = encodeIdx([4], [0, 0, 0, 0])
  it.each([
    ['an empty file', new Uint8Array(), 'F is not an IDX file.'],
    ['text', new TextEncoder().encode('hello'), 'F is not an IDX file.'],
    ['a float type', Uint8Array.of(0, 0, 13, 1, 0, 0, 0, 0), 'F holds IDX type 0x0d; only bytes and int32 are read.'],
    ['rank 0', Uint8Array.of(0, 0, 8, 0), 'F has 0 dimensions; 1 to 4 are read.'],
    ['rank 9', Uint8Array.of(0, 0, 8, 9), 'F has 9 dimensions; 1 to 4 are read.'],
    ['a cut header', good.slice(0, 9), 'F ends inside its header.'],
    ['too little', good.slice(0, -1), 'F holds 15 bytes, but its header declares 16 (2 x 2).'],
    ['too much', Buffer.concat([good, good]), 'F holds 32 bytes, but its header declares 16 (2 x 2).'],
    ['too little, packed', gzipSync(good.slice(0, -1)), 'F holds 15 bytes, but its header declares 16 (2 x 2).'],
    [
      'too much, packed',
      gzipSync(Buffer.concat([bomb, Buffer.alloc(2 ** 24)])),
      'F holds more than the 12 bytes that its header declares.'
    ],
    [
      'a giant',
      encodeIdx([2 ** 31, 2 ** 31], []),
      'F declares 2147483648 x 2147483648 values, more than 1 GiB; it is not read.'
    ],
    ['a cut archive', gzipSync(good).slice(0, -6), 'F is damaged: it cannot be unpacked.'],
    ['a broken archive', gzipSync(good).fill(0x55, 10, 14), 'F is damaged: it cannot be unpacked.']
  ])('refuses %s', async (_, bytes, message) => expect(await refusalOf(bytes)).toBe(message))

  it('refuses a missing file and a folder', async () => {
    await expect(readIdx(join(folder, 'none'))).rejects.toThrow(`${join(folder, 'none')} does not exist.`)
    await expect(readIdx(folder)).rejects.toThrow(`${folder} is a folder, not a file.`)
  })
})

describe('a folder', () => {
  it('opens, packed or not, with the same hash', async () => {
    const path = await writeTinyDataset(join(folder, 'tiny'))
    const dataset = await loadDataset(path)
    expect(dataset).toMatchObject({
      name: 'tiny',
      classes: ['0', '1', '2'],
      shape: [2, 2, 1],
      path,
      licence: 'unknown'
    })
    expect(dataset.splits.train.count).toBe(6)
    expect(dataset.splits.test.labels).toEqual(Uint8Array.of(2, 1, 0))
    expect(dataset.mean[0]).toBeCloseTo(115 / 255, 12)
    expect(dataset.deviation[0]).toBeCloseTo((10 * Math.sqrt((24 ** 2 - 1) / 12)) / 255, 12)
    expect(await loadDataset(path)).toBe(dataset)

    const plain = await writeTinyDataset(join(folder, 'plain'))
    for (const name of Object.values(idxNames)) {
      await writeFile(join(plain, name), gunzipSync(await readFile(join(plain, name))))
      await rename(join(plain, name), join(plain, name.replace('.gz', '')))
    }
    expect((await loadDataset(plain)).hash).toBe(dataset.hash)
  })

  it.each([
    ['a missing file', { testLabels: null }, '@ is no data set: it holds no t10k-labels-idx1-ubyte.gz.'],
    [
      'other sizes',
      { testImages: encodeIdx([3, 1, 4], Array(12).fill(0)) },
      '@: train images are 2 x 2 x 1, test images 1 x 4 x 1.'
    ],
    [
      'too few labels',
      { trainLabels: encodeIdx([5], [0, 1, 2, 0, 1]) },
      '@/train-labels-idx1-ubyte.gz holds 5 labels for 6 images.'
    ],
    [
      'a table of labels',
      { trainLabels: encodeIdx([6, 1], [0, 1, 2, 0, 1, 2]) },
      '@/train-labels-idx1-ubyte.gz has 2 dimensions; labels have 1.'
    ],
    [
      'a class only in test',
      { testLabels: encodeIdx([3], [0, 1, 9]) },
      '@/t10k-labels-idx1-ubyte.gz holds the label 9; there are 3 classes.'
    ],
    [
      'negative labels',
      { testLabels: encodeIdx([3], [0, -1, 1], 12) },
      '@/t10k-labels-idx1-ubyte.gz holds labels outside 0 to 65535.'
    ],
    [
      'wide pixels',
      { testImages: encodeIdx([3, 2, 2], Array(12).fill(0), 12) },
      '@/t10k-images-idx3-ubyte.gz holds int32 values; images are bytes.'
    ],
    [
      'flat images',
      { trainImages: encodeIdx([6], Array(6).fill(0)) },
      '@/train-images-idx3-ubyte.gz is 6; images are count x height x width, or with channels behind.'
    ],
    [
      'no images',
      { testImages: encodeIdx([0, 2, 2], []), testLabels: encodeIdx([0], []) },
      '@/t10k-images-idx3-ubyte.gz holds no images.'
    ]
  ])('with %s is refused', async (name, files, message) => {
    const path = await writeTinyDataset(join(folder, name), files)
    await expect(loadDataset(path)).rejects.toThrow(new UserError(message.replace('@', path)))
  })

  it('with two candidates is refused', async () => {
    const path = await writeTinyDataset(join(folder, 'two'))
    await writeFile(join(path, 'digits-train-images-idx3-ubyte.gz'), '')
    await expect(loadDataset(path)).rejects.toThrow('holds several files of train images')
  })
})

describe('fashion-mnist', () => {
  it('is listed from its headers', async () => {
    const [first] = await listDatasets()
    expect(first).toMatchObject({
      name: 'fashion-mnist',
      trainCount: 60000,
      testCount: 10000,
      shape: [28, 28, 1],
      licence: 'MIT'
    })
    expect(first?.classes).toHaveLength(10)
  })

  it('loads once, with its known statistics', async () => {
    const [dataset, again] = await Promise.all([loadDataset('fashion-mnist'), loadDataset('fashion-mnist')])
    expect(again).toBe(dataset)
    expect(dataset.splits.train.count).toBe(60000)
    expect(dataset.mean[0]).toBeCloseTo(0.286, 4)
    expect(dataset.deviation[0]).toBeCloseTo(0.353, 4)
    expect(dataset.hash).toMatch(/^[0-9a-f]{64}$/)
    const counts = new Array<number>(10).fill(0)
    for (const label of dataset.splits.test.labels) counts[label]!++
    expect(counts).toEqual(new Array(10).fill(1000))
  })
})

it('an unknown name lists the known ones', async () => {
  await expect(loadDataset('cifar')).rejects.toThrow(
    new UsageError('There is no data set or folder named "cifar"; the data sets known are: fashion-mnist.')
  )
  await expect(loadDataset('cifar')).rejects.toBeInstanceOf(UsageError)
})
