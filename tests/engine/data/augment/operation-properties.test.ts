import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  applyPolicy,
  drawPolicy,
  magnitudeOf,
  operations,
  type OperationName
} from '../../../../src-main/engine/data/augment/auto-augment.ts'
import type { ByteImage } from '../../../../src-main/engine/data/augment/byte-image.ts'
import { rotate, shearX, shearY, translateX, translateY } from '../../../../src-main/engine/data/augment/geometry.ts'
import {
  adjustBrightness,
  adjustColor,
  adjustContrast,
  adjustSharpness,
  autoContrast,
  equalize,
  invert,
  posterize,
  solarize
} from '../../../../src-main/engine/data/augment/image-operations.ts'
import { createRandom } from '../../../../src-shared/science/random.ts'

const names = Object.keys(operations) as OperationName[]
const images: fc.Arbitrary<ByteImage> = fc
  .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), fc.constantFrom(1, 3))
  .chain(([height, width, channels]) => {
    const length = height * width * channels
    return fc
      .uint8Array({ minLength: length, maxLength: length })
      .map((pixels) => ({ pixels, shape: [height, width, channels] as const }))
  })
const holds = <T>(arbitrary: fc.Arbitrary<T>, check: (value: T) => void) =>
  fc.assert(fc.property(arbitrary, check), { numRuns: 60 })

describe('every operation', () => {
  const cases = fc.record({
    image: images,
    name: fc.constantFrom(...names),
    level: fc.integer({ min: 0, max: 9 }),
    sign: fc.constantFrom(1, -1)
  })

  test('gives a new image of the same shape, the same each time, and leaves its input alone', () => {
    fc.assert(
      fc.property(cases, ({ image, name, level, sign }) => {
        const before = image.pixels.slice()
        const isSigned = !['Posterize', 'Solarize'].includes(name)
        const magnitude = magnitudeOf(name, level, image.shape) * (isSigned ? sign : 1)
        const result = operations[name](image, magnitude)
        expect(result).toBeInstanceOf(Uint8Array)
        expect(result.length).toBe(before.length)
        expect(result.buffer).not.toBe(image.pixels.buffer)
        expect(image.pixels).toEqual(before)
        expect(operations[name](image, magnitude)).toEqual(result)
      }),
      { numRuns: 400 }
    )
  })

  test('of an image of one grey leaves one of one grey, where nothing moves in', () => {
    holds(fc.record({ byte: fc.integer({ min: 0, max: 255 }), name: fc.constantFrom(...names) }), ({ byte, name }) => {
      if (/Shear|Translate|Rotate/.test(name)) return
      const image = { pixels: new Uint8Array(4 * 5 * 3).fill(byte), shape: [4, 5, 3] as const }
      const result = operations[name](image, magnitudeOf(name, 9, image.shape))
      expect(new Set(result).size).toBe(1)
    })
  })
})

describe('what changes nothing', () => {
  test.each<[string, (image: ByteImage) => Uint8Array]>([
    ['Invert twice', (image) => invert({ ...image, pixels: invert(image) })],
    ['Posterize to 8 bits', (image) => posterize(image, 8)],
    ['Solarize from 256 on', (image) => solarize(image, 256)],
    ['Color by 1', (image) => adjustColor(image, 1)],
    ['Contrast by 1', (image) => adjustContrast(image, 1)],
    ['Brightness by 1', (image) => adjustBrightness(image, 1)],
    ['Sharpness by 1', (image) => adjustSharpness(image, 1)],
    ['shear by 0', (image) => shearX({ ...image, pixels: shearY(image, 0) }, -0)],
    ['translation by 0', (image) => translateX({ ...image, pixels: translateY(image, 0) }, -0.9)],
    ['rotation by 0', (image) => rotate(image, -0)],
    [
      'four turns by 90 degrees of a square',
      ({ pixels, shape: [height, width, channels] }) => {
        const side = Math.min(height, width)
        const square = { pixels: pixels.slice(0, side * side * channels), shape: [side, side, channels] as const }
        let turned: ByteImage = square
        for (let turn = 0; turn < 4; turn++) turned = { ...turned, pixels: rotate(turned, 90) }
        return Uint8Array.from([...turned.pixels, ...pixels.subarray(side * side * channels)])
      }
    ]
  ])('%s', (_, change) => {
    holds(images, (image) => {
      expect(change(image)).toEqual(image.pixels)
    })
  })

  test('Color of a grey image', () => {
    holds(images, (image) => {
      if (image.shape[2] === 1) expect(adjustColor(image, 1.9)).toEqual(image.pixels)
    })
  })
})

describe('what an operation is', () => {
  test('Solarize from 0 on inverts; posterizing twice is posterizing once', () => {
    holds(images, (image) => {
      expect(solarize(image, 0)).toEqual(invert(image))
      const once = posterize(image, 4)
      expect(posterize({ ...image, pixels: once }, 4)).toEqual(once)
    })
  })

  test('AutoContrast reaches 0 and 255 in each channel of two values or more, and then stays', () => {
    holds(images, (image) => {
      const once = autoContrast(image)
      for (let channel = 0; channel < image.shape[2]; channel++) {
        const of = (bytes: Uint8Array) => bytes.filter((_, index) => index % image.shape[2] === channel)
        const extremes = [Math.min(...of(once)), Math.max(...of(once))]
        if (new Set(of(image.pixels)).size > 1) {
          expect(extremes[0]).toBe(0)
          // Truncated, so that rounding may leave 254.
          expect(extremes[1]).toBeGreaterThanOrEqual(254)
        } else expect(of(once)).toEqual(of(image.pixels))
      }
    })
  })

  test('AutoContrast and Equalize keep the order of bytes within a channel', () => {
    const grey = fc.uint8Array({ minLength: 400, maxLength: 400 })
    holds(grey, (pixels) => {
      const image = { pixels, shape: [20, 20, 1] as const }
      for (const result of [autoContrast(image), equalize(image)]) {
        const byOriginal = [...pixels.keys()].sort((a, b) => pixels[a]! - pixels[b]!)
        byOriginal.slice(1).forEach((index, position) => {
          expect(result[index]!).toBeGreaterThanOrEqual(result[byOriginal[position]!]!)
        })
      }
    })
  })

  test('translations move to the right and down, turns go counterclockwise', () => {
    const image = { pixels: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), shape: [3, 3, 1] as const }
    expect([...translateX(image, 1.9)]).toEqual([0, 1, 2, 0, 4, 5, 0, 7, 8])
    expect([...translateY(image, -1)]).toEqual([4, 5, 6, 7, 8, 9, 0, 0, 0])
    expect([...rotate(image, 90)]).toEqual([3, 6, 9, 2, 5, 8, 1, 4, 7])
  })
})

test('the policy is a function of the stream’s keys', () => {
  holds(fc.record({ image: images, seed: fc.nat() }), ({ image, seed }) => {
    const draw = () => drawPolicy(createRandom(seed, 'auto-augment', 1, 2))
    expect(draw()).toEqual(draw())
    expect(applyPolicy(image, draw())).toEqual(applyPolicy(image, draw()))
  })
})
