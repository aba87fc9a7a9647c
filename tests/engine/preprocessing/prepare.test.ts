import { describe, expect, test } from 'vitest'
import { fitImages, prepareImages } from '../../../src-main/engine/data/batches.ts'
import { resizeAndCrop } from '../../../src-main/engine/data/formats/image-folder/resize.ts'

/** Two images of 2 x 2 colour pixels; pixel p of image i is [10 i + p, 100 + p, 200 + p]. */
const images = Uint8Array.from({ length: 24 }, (_, index) => {
  const [image, pixel, channel] = [Math.floor(index / 12), Math.floor(index / 3) % 4, index % 3]
  return [10 * image + pixel, 100 + pixel, 200 + pixel][channel]!
})
const pixels = { images, shape: [2, 2, 3] } as const

describe('the order of colours', () => {
  test('blue comes first, with the first mean', () => {
    const values = { size: 2, mean: [0.1, 0.2, 0.3], deviation: [0.5, 0.25, 0.2] }
    const rgb = prepareImages(pixels, [1], values)
    const bgr = prepareImages(pixels, [1], { ...values, channelOrder: 'bgr' })
    expect(rgb[0]).toBeCloseTo((10 / 255 - 0.1) / 0.5, 6)
    expect(rgb[2]).toBeCloseTo((200 / 255 - 0.3) / 0.2, 6)
    expect(bgr[0]).toBeCloseTo((200 / 255 - 0.1) / 0.5, 6)
    expect(bgr[1]).toBeCloseTo((100 / 255 - 0.2) / 0.25, 6)
    expect(bgr[2]).toBeCloseTo((10 / 255 - 0.3) / 0.2, 6)
    expect(bgr[11]).toBeCloseTo((13 / 255 - 0.3) / 0.2, 6)
  })
})

describe('images of another size', () => {
  test('are padded with black, unless they are to be resized', () => {
    const padded = fitImages(pixels, [0], { size: 4 })
    expect([padded.length, padded[0], padded[3 * (4 + 1) + 1]]).toEqual([48, 0, 100])
    const resized = fitImages(pixels, [1, 0], { size: 4, fit: 'resize' })
    const shape = { width: 2, height: 2, channels: 3 }
    expect(resized.subarray(0, 48)).toEqual(resizeAndCrop({ ...shape, data: images.subarray(12) }, 4))
    expect(resized.subarray(48)).toEqual(resizeAndCrop({ ...shape, data: images.subarray(0, 12) }, 4))
  })

  test('bilinear: half-pixel centres, edges repeated', () => {
    const line = { images: Uint8Array.of(0, 100, 0, 100), shape: [2, 2, 1] } as const
    // Centres at -0.25, 0.25, 0.75 and 1.25 of two pixels at 0 and 1.
    expect([...fitImages(line, [0], { size: 4, fit: 'resize' }).subarray(0, 4)]).toEqual([0, 25, 75, 100])
  })

  test('larger ones are refused where they are not to be resized', () => {
    expect(() => fitImages(pixels, [0], { size: 1 })).toThrow('do not fit')
    expect(fitImages(pixels, [0], { size: 1, fit: 'resize' })).toEqual(Uint8Array.of(2, 102, 202))
  })
})
