import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applyPolicy, drawPolicy } from '../../../../src-main/engine/data/augment/auto-augment.ts'
import { drawHole, fillHole } from '../../../../src-main/engine/data/augment/cutout.ts'
import { augmentImages, fillTrainingBatch, padImages } from '../../../../src-main/engine/data/batches.ts'
import { runConfigSchema } from '../../../../src-shared/run-config.ts'
import { createRandom } from '../../../../src-shared/science/random.ts'

const random = createRandom(9)
const images = Uint8Array.from({ length: 10 * 20 * 24 * 3 }, () => 1 + random.integer(255))
const pixels = { images, shape: [20, 24, 3] as const }
const preprocessing = { size: 32, mean: [0.3, 0.4, 0.6], deviation: [0.25, 0.2, 0.3] }
const step = { ...pixels, ...preprocessing, indices: [4, 0, 9, 4], seed: 1, epoch: 2, step: 3 }
const imageLength = 32 * 32 * 3
const plain = { cropPadding: 0, flip: false }

describe('Cutout', () => {
  test('a hole lies in the image, has its whole area in the interior, and is clipped at the border', () => {
    const sizes = fc
      .integer({ min: 1, max: 40 })
      .chain((size) => fc.record({ size: fc.constant(size), side: fc.integer({ min: 1, max: size }), seed: fc.nat() }))
    fc.assert(
      fc.property(sizes, ({ size, side, seed }) => {
        const hole = drawHole(createRandom(seed), size, side)
        const stream = createRandom(seed)
        const [y, x] = [stream.integer(size), stream.integer(size)]
        const before = Math.floor(side / 2)
        const expected = (center: number) =>
          [...Array(side).keys()].map((offset) => center - before + offset).filter((at) => at >= 0 && at < size)
        const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)
        expect(range(hole.top, hole.bottom)).toEqual(expected(y))
        expect(range(hole.left, hole.right)).toEqual(expected(x))
        const isInterior = [y, x].every((center) => center >= before && center - before + side <= size)
        const area = (hole.bottom - hole.top) * (hole.right - hole.left)
        if (isInterior) expect(area).toBe(side * side)
        expect(area).toBeLessThanOrEqual(side * side)
        expect(area).toBeGreaterThan(0)
      })
    )
  })

  test('its centre is uniform over the image', () => {
    const counts = new Map<string, number>()
    const stream = createRandom(4)
    for (let draw = 0; draw < 16_000; draw++) {
      const { top, left } = drawHole(stream, 4, 1)
      counts.set(`${top} ${left}`, (counts.get(`${top} ${left}`) ?? 0) + 1)
    }
    expect(counts.size).toBe(16)
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(160)
  })

  test('fills exactly its pixels', () => {
    const out = new Uint8Array(2 * 3 * 4 * 2).fill(9)
    fillHole(out, 24, 4, { top: 1, left: 2, bottom: 3, right: 4 }, [1, 2])
    const changed = [...out].flatMap((byte, index) => (byte === 9 ? [] : [`${index}:${byte}`]))
    const at = (row: number, column: number) => 24 + (row * 4 + column) * 2
    const hole = [at(1, 2), at(1, 3), at(2, 2), at(2, 3)]
    expect(changed).toEqual(hole.flatMap((start) => [`${start}:1`, `${start + 1}:2`]))
  })

  test('is zero after normalising, and changes nothing else: not the crops, not the flips', () => {
    const augmentation = { cropPadding: 4, flip: true }
    const whole = fillTrainingBatch({ ...step, augmentation })
    const cut = fillTrainingBatch({ ...step, augmentation: { ...augmentation, cutout: 9 } })
    const { holes } = augmentImages({ ...step, augmentation: { ...augmentation, cutout: 9 } })
    const stream = createRandom(1, 'cutout', 2, 3)
    expect(holes).toEqual(step.indices.map(() => drawHole(stream, 32, 9)))
    cut.forEach((value, index) => {
      const [position, y, x] = [
        Math.floor(index / imageLength),
        Math.floor(index / 96) % 32,
        Math.floor(index / 3) % 32
      ]
      const { top, left, bottom, right } = holes![position]!
      const isInside = y >= top && y < bottom && x >= left && x < right
      if (value !== (isInside ? 0 : whole[index])) expect.fail(`Value ${index} is ${value}.`)
    })
  })
})

describe('AutoAugment', () => {
  const augmentation = { cropPadding: 4, flip: true, autoAugment: true }

  test('follows crop and flip, with a stream of its own', () => {
    const cropped = augmentImages({ ...step, augmentation: { cropPadding: 4, flip: true } }).pixels
    const augmented = augmentImages({ ...step, augmentation }).pixels
    const stream = createRandom(1, 'auto-augment', 2, 3)
    step.indices.forEach((_, position) => {
      const of = (bytes: Uint8Array) => bytes.slice(position * imageLength, (position + 1) * imageLength)
      const expected = applyPolicy({ pixels: of(cropped), shape: [32, 32, 3] }, drawPolicy(stream))
      expect(of(augmented)).toEqual(expected)
    })
    expect(augmented).not.toEqual(cropped)
  })

  test('with Cutout: the same pixels around the holes', () => {
    const cut = { ...augmentation, cutout: 16 }
    expect(augmentImages({ ...step, augmentation: cut }).pixels).toEqual(
      augmentImages({ ...step, augmentation }).pixels
    )
    expect(fillTrainingBatch({ ...step, augmentation: cut })).toEqual(fillTrainingBatch({ ...step, augmentation: cut }))
    for (const other of [{ seed: 2 }, { epoch: 3 }, { step: 4 }])
      expect(fillTrainingBatch({ ...step, augmentation: cut, ...other })).not.toEqual(
        fillTrainingBatch({ ...step, augmentation: cut })
      )
  })

  test('takes grey images, and leaves the data set as it was', () => {
    const before = images.slice()
    const grey = { images, shape: [20, 24, 1] as const, size: 32, mean: [0.5], deviation: [0.5] }
    expect(fillTrainingBatch({ ...step, ...grey, augmentation })).toHaveLength(4 * 1024)
    expect(images).toEqual(before)
  })
})

test('without augmentation: the padded images', () => {
  expect(augmentImages({ ...step, augmentation: plain })).toEqual({
    pixels: padImages(pixels, step.indices, 32),
    holes: null
  })
})

test('a run that is resumed with a later version sees the same pixels', () => {
  const augmentation = { cropPadding: 4, flip: true, cutout: 16, autoAugment: true }
  const hash = createHash('sha256')
  for (let epoch = 0; epoch < 20; epoch++)
    hash.update(new Uint8Array(fillTrainingBatch({ ...step, epoch, augmentation }).buffer))
  expect(hash.digest('hex').slice(0, 16)).toBe('1bc73d42d1dc4d3a')
})

test('what is refused', () => {
  const two = { ...pixels, shape: [20, 24, 2] as const }
  expect(() => fillTrainingBatch({ ...step, ...two, augmentation: { ...plain, autoAugment: true } })).toThrow(
    'AutoAugment takes grey or colour images (1 or 3 channels); these have 2. Switch it off to train on them.'
  )
  expect(() => fillTrainingBatch({ ...step, augmentation: { ...plain, cutout: 33 } })).toThrow(
    "A Cutout hole of 33 pixels is larger than the network's 32 x 32; choose at most 32."
  )
})

test('a configuration may say it, and need not', () => {
  const { augmentation } = runConfigSchema.shape
  expect(augmentation.parse(plain)).toEqual(plain)
  const all = { cropPadding: 4, flip: true, cutout: 16, autoAugment: true }
  expect(augmentation.parse(all)).toEqual(all)
  for (const cutout of [-1, 1.5, 257]) expect(augmentation.safeParse({ ...plain, cutout }).success).toBe(false)
})
