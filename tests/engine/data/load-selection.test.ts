import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadSelection } from '../../../src-main/engine/data/load-selection.ts'
import { UsageError, UserError } from '../../../src-shared/errors.ts'
import { writeTinyDataset } from './idx-fixtures.ts'

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'selection-'))))
afterAll(() => rm(folder, { recursive: true }))

describe('a data set', () => {
  const dataset = (name: string, limit: number | null) => ({ kind: 'dataset', name, split: 'test', limit }) as const

  it('gives padded, normalised images with their labels', async () => {
    const name = await writeTinyDataset(join(folder, 'tiny'))
    const selection = await loadSelection(dataset(name, null), 0)
    expect(selection).toMatchObject({
      name: 'tiny',
      split: 'test',
      count: 3,
      shape: [32, 32, 1],
      classes: ['0', '1', '2']
    })
    expect(selection.labels).toEqual(Int32Array.of(2, 1, 0))
    expect(selection.batch(1, 3)).toHaveLength(2 * 32 * 32)
    const [mean, deviation] = [115 / 255, (10 * Math.sqrt((24 ** 2 - 1) / 12)) / 255]
    expect(selection.batch(0, 1)[0]).toBeCloseTo(-mean / deviation, 5)
    expect(selection.batch(0, 1)[15 * 32 + 15]).toBeCloseTo((1 - mean) / deviation, 5)

    const own = await loadSelection(dataset(name, 2), 0, { size: 4, mean: [0], deviation: [1] })
    expect(own).toMatchObject({ count: 2, shape: [4, 4, 1] })
    expect(own.labels).toEqual(own.indices.map((index) => 2 - index))
    expect(own.batch(0, 2)[0]).toBe(0)
  })

  it('refuses too large a limit and other channels', async () => {
    const name = await writeTinyDataset(join(folder, 'small'))
    await expect(loadSelection(dataset(name, 4), 0)).rejects.toThrow(
      new UsageError("The limit of 4 images is more than the 3 of small's test split.")
    )
    const colour = { size: 32, mean: [0, 0, 0], deviation: [1, 1, 1] }
    await expect(loadSelection(dataset(name, null), 0, colour)).rejects.toThrow(
      'The checkpoint takes 3 colour channels, but the images of small have 1.'
    )
  })
})

describe('raw arrays', () => {
  const arrays = (imagesPath: string, shape: [number, number, number, number], labels: number[] | null = null) =>
    ({ kind: 'arrays', imagesPath, shape, labels }) as const
  const values = Float32Array.from({ length: 12 }, (_, index) => index / 3)

  it('are used as they are', async () => {
    const path = join(folder, 'images.f32')
    await writeFile(path, values)
    const selection = await loadSelection(arrays(path, [3, 2, 2, 1], [4, 0, 1]), 0)
    expect(selection).toMatchObject({ name: 'images.f32', split: 'given', count: 3, shape: [2, 2, 1], classes: null })
    expect(selection.labels).toEqual(Int32Array.of(4, 0, 1))
    expect(selection.batch(1, 3)).toEqual(values.slice(4))
    expect((await loadSelection(arrays(path, [3, 2, 2, 1]), 0)).labels).toBeNull()
  })

  it('are refused where numbers contradict', async () => {
    const path = join(folder, 'other.f32')
    await writeFile(path, values)
    await expect(loadSelection(arrays(path, [4, 2, 2, 1]), 0)).rejects.toThrow(
      new UsageError(`${path} holds 48 bytes, but the shape 4,2,2,1 needs 64 (16 float32 values).`)
    )
    await expect(loadSelection(arrays(path, [3, 2, 2, 1], [1]), 0)).rejects.toThrow(
      new UsageError('The number of labels is 1, but the shape 3,2,2,1 has 3 images.')
    )
    await expect(loadSelection(arrays(path, [3, 2, 0, 1]), 0)).rejects.toThrow(
      new UsageError('The shape N,H,W,C needs four numbers of at least 1, not 3,2,0,1.')
    )
    const none = join(folder, 'none.f32')
    await expect(loadSelection(arrays(none, [1, 1, 1, 1]), 0)).rejects.toThrow(new UserError(`${none} does not exist.`))
    await expect(loadSelection(arrays(folder, [1, 1, 1, 1]), 0)).rejects.toThrow(`${folder} is a folder, not a file.`)
  })
})
