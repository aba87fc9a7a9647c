import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { fillTrainingBatch, prepareImages } from '../../../../src-main/engine/data/batches.ts'
import { createRandom } from '../../../../src-shared/science/random.ts'

const sha256 = (values: Float32Array): string =>
  createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex')

/** Hashes made by the program before it knew Cutout and AutoAugment: runs that do without see the same bits. */
test.each([
  [
    28,
    28,
    1,
    'db01900669868317 db01900669868317 ec58889d3255e40d 043b6a9fdc700941 fd58f6d8466d0504 b14b9e683b34bbe5 ac58e9b9574c2b3a'
  ],
  [
    32,
    32,
    3,
    '8741460beec4e5e1 8741460beec4e5e1 da3757acf21a29b7 786d7a6c188a5574 ecfdfeb296448841 4e10a81226e9fb2c 81b85b8c715746c4'
  ],
  [
    30,
    20,
    2,
    '5bb3ae3281dc1d5d 5bb3ae3281dc1d5d 12abd72b2668bb93 97cea6ff3d5e5d95 6e88e3bc77e1e85f 5c9ec4167b116780 c327f7487de132fc'
  ]
])('%i x %i x %i: bit for bit the batches of old', (height, width, channels, hash) => {
  const random = createRandom(11)
  const images = Uint8Array.from({ length: 6 * height * width * channels }, () => random.integer(256))
  const pixels = { images, shape: [height, width, channels] as const }
  const preprocessing = { size: 32, mean: [0.3, 0.4, 0.5].slice(0, channels), deviation: [0.25, 0.2, 0.3] }
  const indices = [5, 0, 3, 3, 1]
  const off = { cutout: 0, autoAugment: false }
  const all = [
    prepareImages(pixels, indices, preprocessing),
    ...[0, 4, 16].flatMap((cropPadding) =>
      [false, true].map((flip) => {
        const step = { ...pixels, ...preprocessing, indices, seed: 3, epoch: 2, step: 7 }
        const batch = fillTrainingBatch({ ...step, augmentation: { cropPadding, flip } })
        expect(fillTrainingBatch({ ...step, augmentation: { cropPadding, flip, ...off } })).toEqual(batch)
        return batch
      })
    )
  ]
  expect(
    all
      .map(sha256)
      .map((text) => text.slice(0, 16))
      .join(' ')
  ).toBe(hash)
})
