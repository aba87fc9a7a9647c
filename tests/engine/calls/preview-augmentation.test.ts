import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { previewAugmentation } from '../../../src-main/engine/calls/preview-augmentation.ts'
import { fillTrainingBatch, prepareImages } from '../../../src-main/engine/data/batches.ts'
import { loadDataset } from '../../../src-main/engine/data/dataset.ts'
import { createLab } from '../../../src-main/engine/lab.ts'
import { UsageError, UserError } from '../../../src-shared/errors.ts'
import { labCalls } from '../../../src-shared/lab-contract.ts'
import { encodeIdx, writeTinyDataset } from '../data/idx-fixtures.ts'
import { temporaryFolder } from '../training/small-run.ts'

const request = {
  dataset: 'fashion-mnist',
  augmentation: { cropPadding: 4, flip: true, cutout: 16, autoAugment: true },
  seed: 3,
  indices: [7, 59_999, 7],
  draws: 4
}
const bytes = 32 * 32

describe('Fashion-MNIST', () => {
  test('is a valid answer, with the labels and the padded images', async () => {
    const preview = await previewAugmentation(request)
    expect(labCalls.previewAugmentation.result.parse(preview)).toEqual(preview)
    const { splits, classes } = await loadDataset('fashion-mnist')
    expect(preview).toMatchObject({ shape: [32, 32, 1], classes })
    expect(preview.labels).toEqual(request.indices.map((index) => splits.train.labels[index]))
    const expected = prepareImages({ images: splits.train.images, shape: [28, 28, 1] }, request.indices, {
      size: 32,
      mean: [0],
      deviation: [1 / 255]
    })
    expect([...preview.originals]).toEqual([...expected].map(Math.round))
  })

  test.each([
    request.augmentation,
    { cropPadding: 4, flip: true },
    { cropPadding: 0, flip: false, cutout: 16 },
    { cropPadding: 0, flip: false, autoAugment: true }
  ])('shows what training sees: %o', async (augmentation) => {
    const { augmented } = await previewAugmentation({ ...request, augmentation })
    const { splits, mean, deviation } = await loadDataset('fashion-mnist')
    expect(augmented).toHaveLength(3 * 4 * bytes)
    for (let draw = 0; draw < 4; draw++) {
      const batch = fillTrainingBatch({
        images: splits.train.images,
        shape: [28, 28, 1],
        size: 32,
        mean,
        deviation,
        indices: request.indices,
        augmentation,
        seed: 3,
        epoch: draw,
        step: 0
      })
      request.indices.forEach((_, position) => {
        const shown = augmented.subarray((position * 4 + draw) * bytes, (position * 4 + draw + 1) * bytes)
        const seen = batch.subarray(position * bytes, (position + 1) * bytes)
        // Training's numbers back to bytes: its zero is the mean colour.
        expect(shown).toEqual(Uint8Array.from(seen, (value) => Math.round((value * deviation[0]! + mean[0]!) * 255)))
      })
    }
  })

  test('the same each time, another one for another seed, none without augmentation', async () => {
    const preview = await previewAugmentation(request)
    expect(await previewAugmentation(request)).toEqual(preview)
    expect((await previewAugmentation({ ...request, seed: 4 })).augmented).not.toEqual(preview.augmented)
    const off = { ...request, augmentation: { cropPadding: 0, flip: false }, draws: 1 }
    const { originals, augmented } = await previewAugmentation(off)
    expect(augmented).toEqual(originals)
  })
})

test('a folder of colour images: the hole in the mean colour', async () => {
  const pixels = Array.from({ length: 6 * 4 * 4 * 3 }, (_, index) => [200, 100, 50][index % 3]!)
  const dataset = await writeTinyDataset(temporaryFolder(), {
    trainImages: encodeIdx([6, 4, 4, 3], pixels),
    testImages: encodeIdx([3, 4, 4, 3], pixels.slice(0, 3 * 48))
  })
  const augmentation = { cropPadding: 0, flip: false, cutout: 32 }
  const { shape, augmented, classes } = await previewAugmentation({ ...request, dataset, augmentation, indices: [5] })
  expect(shape).toEqual([32, 32, 3])
  expect(classes).toEqual(['0', '1', '2'])
  // A hole of 32 covers the middle wherever its centre lies.
  const middle = (16 * 32 + 16) * 3
  expect([...augmented.subarray(middle, middle + 3)]).toEqual([200, 100, 50])
  const corners = [0, 31 * 3, 31 * 32 * 3, (32 * 32 - 1) * 3].map((at) => augmented[at]!)
  expect(corners.filter((byte) => byte === 200)).not.toHaveLength(0)
  expect(corners.every((byte) => byte === 200 || byte === 0)).toBe(true)
})

describe('what is refused', () => {
  test('an image or a data set that is not there, images that cannot be augmented', async () => {
    await expect(previewAugmentation({ ...request, indices: [0, 60_000] })).rejects.toThrow(
      new UsageError(
        'There is no image 60000 in the train split of fashion-mnist: its 60000 images are numbered from 0.'
      )
    )
    await expect(previewAugmentation({ ...request, dataset: 'nothing' })).rejects.toThrow(UsageError)
    const dataset = await writeTinyDataset(temporaryFolder(), {
      trainImages: encodeIdx([6, 2, 2, 2], Array<number>(48).fill(1)),
      testImages: encodeIdx([3, 2, 2, 2], Array<number>(24).fill(1))
    })
    await expect(previewAugmentation({ ...request, dataset })).rejects.toThrow(UserError)
  })

  test('requests out of bounds', () => {
    const { request: schema } = labCalls.previewAugmentation
    expect(schema.parse(request)).toEqual(request)
    for (const wrong of [{ indices: [] }, { indices: Array(13).fill(0) }, { draws: 0 }, { draws: 7 }, { seed: -1 }])
      expect(schema.safeParse({ ...request, ...wrong }).success).toBe(false)
  })

  test('a folder outside of the lab’s roots', async () => {
    const dataset = await writeTinyDataset(join(temporaryFolder(), 'outside'))
    const host = { start: () => expect.fail('No job is started.') }
    const lab = await createLab({ home: temporaryFolder(), roots: [temporaryFolder()], host: host as never })
    const context = { tell: () => undefined, signal: new AbortController().signal }
    const call = async (dataset: string) =>
      lab.calls.previewAugmentation({ ...request, dataset, indices: [0] }, context as never)
    await expect(call(dataset)).rejects.toThrow(UserError)
    expect((await call('fashion-mnist')).shape).toEqual([32, 32, 1])
    await lab.close()
  })
})
