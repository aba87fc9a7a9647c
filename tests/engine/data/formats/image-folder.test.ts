import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deflateSync, crc32 } from 'node:zlib'
import { PNG } from 'pngjs'
import { describe, expect, it, test } from 'vitest'
import { decodeImage } from '../../../../src-main/engine/data/formats/image-folder/decode-image.ts'
import { readImageHeader } from '../../../../src-main/engine/data/formats/image-folder/image-header.ts'
import { resizeAndCrop } from '../../../../src-main/engine/data/formats/image-folder/resize.ts'
import { describeFiles, readFiles } from '../../../../src-main/engine/data/read-dataset.ts'
import { temporaryFolder } from '../../training/small-run.ts'
import { refusalOf, usual, witness, witnessed, writeFiles } from './written.ts'

/** A PNG of one colour. */
function png(red: number, green = red, blue = red, { width = 4, height = 4, isGrey = false } = {}): Uint8Array {
  const image = new PNG({ width, height })
  for (let at = 0; at < image.data.length; at += 4) image.data.set([red, green, blue, 255], at)
  return PNG.sync.write(image, { colorType: isGrey ? 0 : 2 })
}
const grey = (value: number) => png(value, value, value, { isGrey: true })

/** A PNG from its header's fields and the bytes that its pixels are unpacked from. */
function rawPng(width: number, height: number, colourType: number, data: Uint8Array, interlace = 0): Uint8Array {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, colourType, 0, 0, interlace], 8)
  const chunk = (type: string, body: Uint8Array) => {
    const content = Buffer.concat([Buffer.from(type), body])
    const framed = Buffer.alloc(content.length + 8)
    framed.writeUInt32BE(body.length, 0)
    framed.set(content, 4)
    framed.writeUInt32BE(crc32(content), content.length + 4)
    return framed
  }
  const magic = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([magic, chunk('IHDR', head), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))])
}

describe('one image', () => {
  const names = [
    'colour.png',
    'palette.png',
    'alpha.png',
    'grey.png',
    'bits.png',
    'deep.png',
    'small.png',
    'colour.jpg',
    'progressive.jpeg',
    'rgb.jpg',
    'grey.jpg'
  ]
  it.each(names)('%s is as Pillow decodes, lays over white, resizes and crops it', async (name) => {
    const { isGrey, pixels } = (await witnessed<Record<string, { isGrey: boolean; pixels: string }>>('images'))[name]!
    const path = join(witness, 'images', name)
    expect((await readImageHeader(path)).isGrey).toBe(isGrey)
    const ours = await decodeImage(path, 16, isGrey ? 1 : 3)
    const theirs = Buffer.from(pixels, 'base64')
    expect(ours).toHaveLength(theirs.length)
    // Pillow counts in integers, and JPEG's decoders round differently.
    const tolerance = /jpe?g$/.test(name) ? 3 : 1
    expect(Math.max(...ours.map((value, index) => Math.abs(value - theirs[index]!)))).toBeLessThanOrEqual(tolerance)
  })

  it('of the size asked for stays as it is; a line becomes a square', () => {
    const data = Uint8Array.from({ length: 16 }, (_, index) => 16 * index)
    expect(resizeAndCrop({ width: 4, height: 4, channels: 1, data }, 4)).toEqual(data)
    expect(resizeAndCrop({ width: 16, height: 1, channels: 1, data }, 2)).toEqual(Uint8Array.of(116, 124, 116, 124))
    expect(resizeAndCrop({ width: 1, height: 60_000, channels: 1, data: new Uint8Array(60_000).fill(7) }, 32)).toEqual(
      new Uint8Array(1024).fill(7)
    )
  })
})

describe('a folder', () => {
  it('with train and test', async () => {
    const folder = await writeFiles(temporaryFolder(), {
      'train/dog/a.png': png(10, 20, 30),
      'train/cat/b.PNG': png(1, 2, 3),
      'train/cat/a.png': png(4, 5, 6),
      'train/cat/notes.txt': 'x',
      'train/cat/.hidden.png': 'x',
      'val/dog/a.png': png(9),
      'test/cat/a.png': png(7)
    })
    const head = { classes: ['cat', 'dog'], shape: [8, 8, 3], trainCount: 3, testCount: 1, formatText: 'image folder' }
    expect(await describeFiles(folder, { ...usual, size: 8 })).toMatchObject(head)
    const { splits } = await readFiles(folder, { ...usual, size: 8 })
    expect([...splits.train.labels]).toEqual([0, 0, 1])
    const first = (image: number) => [...splits.train.images.subarray(image * 192, image * 192 + 3)]
    expect([first(0), first(1), first(2)]).toEqual([
      [4, 5, 6],
      [1, 2, 3],
      [10, 20, 30]
    ])
    expect([...splits.test.labels, splits.test.images[0]]).toEqual([0, 7])
  })

  it('with classes only: a fifth of each is held for the test split, always the same', async () => {
    const names = Array.from({ length: 10 }, (_, index) => index)
    const files = Object.fromEntries(
      names.flatMap((index) => [
        [`a/${index}.png`, grey(index)],
        [`b/${index}.png`, grey(100 + index)]
      ])
    )
    const [one, two] = [await writeFiles(temporaryFolder(), files), await writeFiles(temporaryFolder(), files)]
    const read = await readFiles(one, { ...usual, size: 1 })
    expect(read).toMatchObject({
      shape: [1, 1, 1],
      formatText: 'image folder, 1/5 of each class is the test split (seed 0)'
    })
    expect([...read.splits.test.labels]).toEqual([0, 0, 1, 1])
    expect([...read.splits.train.labels].filter((label) => label === 1)).toHaveLength(8)
    const all = [...read.splits.train.images, ...read.splits.test.images].sort((a, b) => a - b)
    expect(all).toEqual([...names, ...names.map((index) => 100 + index)])
    expect((await readFiles(two, { ...usual, size: 1 })).hash).toBe(read.hash)
  })

  it('images of all sizes; one with colours makes all of them colour', async () => {
    const folder = await writeFiles(temporaryFolder(), {
      'train/a/1.png': grey(50),
      'train/a/2.png': png(1, 2, 3, { width: 40, height: 90 }),
      'test/a/1.png': grey(60)
    })
    const { shape, splits } = await readFiles(folder, { ...usual, size: 2 })
    expect(shape).toEqual([2, 2, 3])
    expect([...splits.train.images.subarray(0, 3), ...splits.test.images.subarray(0, 3)]).toEqual([
      50, 50, 50, 60, 60, 60
    ])
  })

  test.each<[string, Record<string, Uint8Array | string>, string]>([
    [
      'an empty class folder',
      { 'train/a/1.png': grey(1), 'train/b/notes.txt': 'x', 'test/a/1.png': grey(1) },
      "@/train/b holds no PNG or JPEG images; remove the folder, or put the class's images into it."
    ],
    [
      'an empty train folder',
      { 'train/a/notes.txt': '' },
      "@/train/a holds no PNG or JPEG images; remove the folder, or put the class's images into it."
    ],
    [
      'a class in test only',
      { 'train/a/1.png': grey(1), 'test/b/1.png': grey(1) },
      '@/test/b is a class that @/train does not have.'
    ],
    [
      'one image a class',
      { 'a/1.png': grey(1), 'b/1.png': grey(1) },
      '@ has one image a class; there must be more, so that some can be kept for testing.'
    ],
    [
      'text that is called an image',
      { 'a/1.png': 'hello', 'a/2.png': grey(1) },
      '@/a/1.png is neither a PNG nor a JPEG image.'
    ],
    ['an empty image', { 'a/1.png': '', 'a/2.png': grey(1) }, '@/a/1.png is neither a PNG nor a JPEG image.'],
    [
      'an image that is cut off',
      { 'a/1.png': grey(1).slice(0, 50), 'a/2.png': grey(1), 'a/3.png': grey(1) },
      '@/a/1.png is damaged: it ends inside a chunk.'
    ],
    [
      'a giant',
      { 'a/1.png': rawPng(60_000, 60_000, 0, new Uint8Array(9)), 'a/2.png': grey(1) },
      '@/a/1.png claims 60000 x 60000 pixels; at most 64 megapixels are read.'
    ],
    [
      'no pixels',
      { 'a/1.png': rawPng(0, 5, 0, new Uint8Array(9)), 'a/2.png': grey(1) },
      '@/a/1.png claims 0 x 5 pixels.'
    ],
    [
      'more pixels than its bytes can hold',
      { 'a/1.png': rawPng(8000, 8000, 0, new Uint8Array(9)), 'a/2.png': grey(1) },
      "@/a/1.png claims 8000 x 8000 pixels, which its 66 bytes can't hold."
    ],
    [
      'a bomb',
      { 'a/1.png': rawPng(4, 4, 0, deflateSync(new Uint8Array(50_000_000)), 1), 'a/2.png': grey(1) },
      "@/a/1.png is damaged: its pixels can't be unpacked, or are more than its size allows."
    ]
  ])('%s is refused', async (_, files, message) =>
    expect(await refusalOf(await writeFiles(temporaryFolder(), files))).toBe(message)
  )

  it('a JPEG that is cut off, or claims too much', async () => {
    const jpeg = await readFile(join(witness, 'images', 'colour.jpg'))
    const cut = await writeFiles(temporaryFolder(), {
      'a/1.jpg': jpeg.subarray(0, 1000),
      'a/2.jpg': jpeg,
      'a/3.jpg': jpeg
    })
    expect(await refusalOf(cut)).toBe('@/a/1.jpg is damaged: it ends inside the image.')
    const giant = Buffer.from(jpeg)
    const frame = giant.indexOf(Buffer.of(0xff, 0xc0))
    giant.writeUInt16BE(4000, frame + 5)
    giant.writeUInt16BE(6000, frame + 7)
    const folder = await writeFiles(temporaryFolder(), { 'a/1.jpg': giant, 'a/2.jpg': jpeg })
    expect(await refusalOf(folder)).toBe(
      `@/a/1.jpg claims 6000 x 4000 pixels, which its ${jpeg.length} bytes can't hold.`
    )
    giant.writeUInt16BE(4001, frame + 5)
    await writeFiles(folder, { 'a/1.jpg': giant })
    expect(await refusalOf(folder)).toBe(
      '@/a/1.jpg claims 6000 x 4001 pixels; at most 24 megapixels of a JPEG are read.'
    )
  })
})
