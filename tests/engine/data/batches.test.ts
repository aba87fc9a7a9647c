import { describe, expect, it } from 'vitest'
import { epochOrder, fillTrainingBatch, prepareImages } from '../../../src-main/engine/data/batches.ts'
import { createRandom } from '../../../src-shared/science/random.ts'

const tiny = { images: Uint8Array.of(51, 102, 153, 204), shape: [2, 2, 1] as const }
const plain = { size: 4, mean: [0], deviation: [1] }

function randomImages(count: number, height: number, width: number, channels: number) {
  const random = createRandom(7)
  const images = Uint8Array.from({ length: count * height * width * channels }, () => 1 + random.integer(255))
  return { images, shape: [height, width, channels] as const }
}

describe('prepareImages', () => {
  it('centres on black and normalises', () => {
    const rows = (values: Float32Array) =>
      Array.from({ length: 4 }, (_, row) => [...values.slice(4 * row, 4 * row + 4)])
    const [a, b, c, d] = [0.2, 0.4, 0.6, 0.8].map(Math.fround)
    expect(rows(prepareImages(tiny, [0], plain))).toEqual([
      [0, 0, 0, 0],
      [0, a, b, 0],
      [0, c, d, 0],
      [0, 0, 0, 0]
    ])
    const normalised = prepareImages(tiny, [0], { size: 4, mean: [0.5], deviation: [0.25] })
    expect(normalised[0]).toBe(-2)
    expect(normalised[5]).toBeCloseTo((0.2 - 0.5) / 0.25, 6)
  })

  it('normalises each channel with its own numbers', () => {
    const pixels = { images: Uint8Array.of(255, 0, 51), shape: [1, 1, 3] as const }
    const values = prepareImages(pixels, [0, 0], { size: 2, mean: [0, 0.5, 1], deviation: [1, 0.5, 0] })
    const black = [0, -1, -1]
    const expected = [...[1, -1, Math.fround(0.2 - 1)], ...black, ...black, ...black]
    values.forEach((value, index) => expect(value).toBeCloseTo(expected[index % 12]!, 6))
  })

  it('refuses images that are too large', () => {
    expect(() => prepareImages(tiny, [0], { ...plain, size: 1 })).toThrow(
      "Images of 2 x 2 pixels do not fit into the network's 1 x 1."
    )
  })
})

describe('epochOrder', () => {
  it('is a permutation that seed and epoch decide', () => {
    const order = epochOrder(100, 1, 2)
    expect([...order].sort((a, b) => a - b)).toEqual([...Array(100).keys()])
    expect(epochOrder(100, 1, 2)).toEqual(order)
    expect(epochOrder(100, 1, 3)).not.toEqual(order)
    expect(epochOrder(100, 2, 2)).not.toEqual(order)
  })
})

describe('fillTrainingBatch', () => {
  const pixels = randomImages(8, 6, 6, 2)
  const options = { ...pixels, size: 8, mean: [0.3, 0.4], deviation: [0.2, 0.1], seed: 1, epoch: 2, step: 3 }
  const indices = Int32Array.of(5, 1, 7, 0)

  it('without augmentation equals prepareImages', () => {
    const batch = fillTrainingBatch({ ...options, indices, augmentation: { cropPadding: 0, flip: false } })
    expect(batch).toEqual(prepareImages(pixels, indices, options))
  })

  it('gives a shifted, perhaps mirrored image with black around it', () => {
    const many = { ...options, indices: new Int32Array(60).fill(3) }
    const batch = fillTrainingBatch({ ...many, augmentation: { cropPadding: 2, flip: true } })
    const size = 8
    const original = prepareImages(pixels, [3], options)
    const black = original.slice(0, 2)
    const at = (image: Float32Array, y: number, x: number, channel: number) =>
      y < 0 || x < 0 || y >= size || x >= size ? black[channel]! : image[(y * size + x) * 2 + channel]!
    const seen = new Set<string>()
    for (let index = 0; index < 60; index++) {
      const image = batch.slice(index * 128, (index + 1) * 128)
      const matches = []
      for (let dy = -2; dy <= 2; dy++)
        for (let dx = -2; dx <= 2; dx++)
          for (const flip of [false, true]) {
            const equal = image.every((value, i) => {
              const [y, x, channel] = [Math.floor(i / 16), Math.floor(i / 2) % 8, i % 2]
              return value === at(original, y - dy, (flip ? 7 - x : x) - dx, channel)
            })
            if (equal) matches.push([dy, dx, flip].join())
          }
      expect(matches).toHaveLength(1)
      seen.add(matches[0]!)
    }
    expect(seen.size).toBeGreaterThan(25)
  })

  it('is a pure function of seed, epoch and step, in a new array', () => {
    const augmentation = { cropPadding: 2, flip: true }
    const batch = fillTrainingBatch({ ...options, indices, augmentation })
    const again = fillTrainingBatch({ ...options, indices, augmentation })
    expect(again).toEqual(batch)
    expect(again.buffer).not.toBe(batch.buffer)
    for (const other of [{ seed: 2 }, { epoch: 3 }, { step: 4 }])
      expect(fillTrainingBatch({ ...options, indices, augmentation, ...other })).not.toEqual(batch)
  })

  it('flips without changing the crops', () => {
    const flipped = fillTrainingBatch({ ...options, indices, augmentation: { cropPadding: 2, flip: true } })
    const straight = fillTrainingBatch({ ...options, indices, augmentation: { cropPadding: 2, flip: false } })
    const rowSums = (values: Float32Array) =>
      Array.from({ length: 32 }, (_, row) =>
        values
          .slice(row * 16, row * 16 + 16)
          .sort()
          .join()
      )
    expect(rowSums(flipped)).toEqual(rowSums(straight))
  })

  it('takes little time', () => {
    const images = randomImages(64, 28, 28, 1)
    const large = { ...images, size: 32, mean: [0.3], deviation: [0.3], seed: 1, epoch: 1 }
    const order = Int32Array.from({ length: 64 }, (_, index) => index)
    const times = Array.from({ length: 30 }, (_, step) => {
      const start = performance.now()
      fillTrainingBatch({ ...large, indices: order, augmentation: { cropPadding: 4, flip: true }, step })
      return performance.now() - start
    })
    expect(times.sort((a, b) => a - b)[15]).toBeLessThan(2)
  })
})
