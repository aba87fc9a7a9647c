import { execFileSync } from 'node:child_process'
import { mkdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { PNG } from 'pngjs'
import { describe, expect, it } from 'vitest'
import { decodeImage } from '../../../../src-main/engine/data/formats/image-folder/decode-image.ts'
import { resizeAndCrop } from '../../../../src-main/engine/data/formats/image-folder/resize.ts'
import { readNpyHeader } from '../../../../src-main/engine/numpy/npy.ts'
import { describeFiles, readFiles } from '../../../../src-main/engine/data/read-dataset.ts'
import { UserError } from '../../../../src-shared/errors.ts'
import { bytesOf } from '../../pickle/pickle-writer.ts'
import { temporaryFolder } from '../../training/small-run.ts'
import { encodeIdx, writeTinyDataset } from '../idx-fixtures.ts'
import { npy, refusalOf, usual, witness, writeFiles } from './written.ts'

const arrays = {
  'x_train.npy': npy([3, 4, 5], new Uint8Array(60)),
  'y_train.npy': npy([3], Uint8Array.of(0, 1, 1)),
  'x_test.npy': npy([1, 4, 5], new Uint8Array(20)),
  'y_test.npy': npy([1], Uint8Array.of(1))
}

describe('NumPy arrays', () => {
  const headerOf = (shape: string) => {
    const text = `{'descr': '|u1', 'fortran_order': False, 'shape': (${shape}), }\n`
    return bytesOf([0x93, 'NUMPY', 1, 0, text.length & 255, text.length >> 8, text])
  }
  const read = (bytes: Uint8Array) =>
    readNpyHeader({ name: 'F', size: bytes.length, head: async () => bytes, read: async () => bytes })

  it('digits and blanks without end are refused at once', async () => {
    const piece = fc.constantFrom('1', '11', ' ', ',', '1 ', '1,', '\t')
    const run = fc.tuple(piece, fc.integer({ min: 1, max: 3000 })).map(([text, times]) => text.repeat(times))
    const shapes = fc.array(run, { minLength: 1, maxLength: 3 }).map((runs) => runs.join('').slice(0, 9000))
    const begin = performance.now()
    await fc.assert(
      fc.asyncProperty(shapes, fc.constantFrom('', 'x', '(', '-'), async (shape, end) => {
        await read(headerOf(shape + end)).catch((error: unknown) => expect(error).toBeInstanceOf(UserError))
        await read(headerOf(`), ${' '.repeat(shape.length % 500)}${shape}`)).catch(() => undefined)
      }),
      { numRuns: 300, seed: 2 }
    )
    expect(performance.now() - begin).toBeLessThan(5000)
    await expect(read(headerOf('1 2'))).rejects.toThrow('has a header that is not understood')
    await expect(read(headerOf('1,,2'))).rejects.toThrow('has a header that is not understood')
    await expect(read(headerOf('1'.repeat(16)))).rejects.toThrow('has a header that is not understood')
  })

  it('more labels than images are refused by the header', async () => {
    const folder = await writeFiles(temporaryFolder(), { ...arrays, 'y_train.npy': npy([2e9], '') })
    await truncate(join(folder, 'y_train.npy'), 2e9 + 128)
    expect(await refusalOf(folder)).toBe('@/y_train.npy holds 2000000000 labels for 3 images.')
  })

  it('sides and counts have bounds', async () => {
    const wide = { ...arrays, 'x_train.npy': npy([3, 1, 3000], new Uint8Array(9000)) }
    expect(await refusalOf(await writeFiles(temporaryFolder(), wide))).toBe(
      '@/x_train.npy holds images of 1 x 3000 x 1; sides of 1 to 2048 pixels and 1 to 4 channels are read.'
    )
    const many = await writeFiles(temporaryFolder(), { ...arrays, 'x_train.npy': npy([2 ** 24 + 1, 1, 1], '') })
    await truncate(join(many, 'x_train.npy'), 2 ** 24 + 1 + 128)
    expect(await refusalOf(many)).toBe('@/x_train.npy holds 16777217 images; at most 16777216 a split are read.')
  })

  it('names that differ in the size of their letters only', async () => {
    const folder = await writeFiles(temporaryFolder(), { ...arrays, 'X_Train.npy': arrays['x_train.npy'] })
    expect(await refusalOf(folder)).toBe('@ holds several arrays named "x_train" in capitals and small letters.')
  })
})

describe('IDX files', () => {
  it('sides and channels have bounds', async () => {
    const refused = async (dims: number[], values: number) =>
      refusalOf(
        await writeTinyDataset(temporaryFolder(), { trainImages: encodeIdx(dims, Array<number>(values).fill(0)) })
      )
    expect(await refused([6, 1, 2049], 6 * 2049)).toContain(
      'holds images of 1 x 2049 x 1; sides of 1 to 2048 pixels and 1 to 4 channels are read.'
    )
    expect(await refused([6, 1, 1, 5], 30)).toContain('holds images of 1 x 1 x 5; sides')
  })

  it.skipIf(process.platform === 'win32')('a pipe is passed over, not waited for', async () => {
    const folder = await writeTinyDataset(temporaryFolder(), { trainLabels: null })
    execFileSync('mkfifo', [join(folder, 'train-labels-idx1-ubyte')])
    expect(await refusalOf(folder)).toBe('@ is no data set: it holds no train-labels-idx1-ubyte.gz.')
  })
})

it('CIFAR batches that are larger together than a split are not read', async () => {
  const folder = await writeFiles(temporaryFolder(), {
    data_batch_1: bytesOf([0x80, 2]),
    data_batch_2: '',
    test_batch: ''
  })
  await truncate(join(folder, 'data_batch_1'), 2 ** 30)
  await truncate(join(folder, 'data_batch_2'), 2 ** 30)
  expect(await refusalOf(folder)).toBe('@ holds 2147483648 bytes in the 2 files of a split; at most 2 GiB are read.')
})

describe.skipIf(process.platform === 'win32')('links that lead out of the data set', () => {
  it('are passed over: files, and folders of a class', async () => {
    const image = await readFile(join(witness, 'images', 'grey.png'))
    const outside = await writeFiles(temporaryFolder(), { 'secret/1.png': image, 'secret/2.png': image })
    const folder = await writeFiles(temporaryFolder(), { 'a/1.png': image, 'a/2.png': image, 'b/1.png': image })
    await symlink(join(outside, 'secret'), join(folder, 'c'))
    await symlink(join(outside, 'secret', '1.png'), join(folder, 'a', '3.png'))
    await symlink(join(folder, 'a', '1.png'), join(folder, 'b', '2.png'))
    expect(await describeFiles(folder, usual)).toMatchObject({ classes: ['a', 'b'], trainCount: 2, testCount: 2 })
    const linked = join(temporaryFolder(), 'linked')
    await symlink(folder, linked)
    expect((await describeFiles(linked, usual)).classes).toEqual(['a', 'b'])
  })

  it('in IDX files and arrays they are missing', async () => {
    const whole = await writeTinyDataset(temporaryFolder())
    const folder = await writeTinyDataset(temporaryFolder(), { trainLabels: null })
    await symlink(join(whole, 'train-labels-idx1-ubyte'), join(folder, 'train-labels-idx1-ubyte'))
    expect(await refusalOf(folder)).toBe('@ is no data set: it holds no train-labels-idx1-ubyte.gz.')
    const split = await writeFiles(temporaryFolder(), {
      'train/images.npy': arrays['x_train.npy'],
      'test/images.npy': arrays['x_test.npy'],
      'test/labels.npy': arrays['y_test.npy']
    })
    const labels = await writeFiles(temporaryFolder(), { 'y.npy': arrays['y_train.npy'] })
    await symlink(join(labels, 'y.npy'), join(split, 'train', 'labels.npy'))
    expect(await refusalOf(split)).toBe('@/train holds no labels.npy.')
  })
})

describe('PNG', () => {
  const chunk = (type: string, body: Uint8Array) => {
    const content = Buffer.concat([Buffer.from(type), body])
    const frame = Buffer.alloc(8)
    frame.writeUInt32BE(body.length, 0)
    frame.writeUInt32BE(crc32(content), 4)
    return Buffer.concat([frame.subarray(0, 4), content, frame.subarray(4)])
  }
  const head = (width: number, height: number, interlace = 0, colourType = 0, depth = 8) => {
    const body = Buffer.alloc(13)
    body.writeUInt32BE(width, 0)
    body.writeUInt32BE(height, 4)
    body.set([depth, colourType, 0, 0, interlace], 8)
    return chunk('IHDR', body)
  }
  const magic = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const pixels = chunk('IDAT', deflateSync(new Uint8Array(20)))
  const end = chunk('IEND', Buffer.alloc(0))
  const refusal = async (...chunks: Buffer[]) => {
    const path = join(temporaryFolder(), 'a.png')
    await writeFile(path, Buffer.concat([magic, ...chunks]))
    const error: unknown = await decodeImage(path, 4, 1).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(UserError)
    return (error as Error).message.replace(path, '@')
  }

  it.each<[string, Buffer[], string]>([
    ['a second header', [head(4, 4), head(60_000, 60_000), pixels, end], 'it must have one header, at its beginning'],
    [
      'an unknown critical chunk',
      [head(4, 4), chunk('ABCD', Buffer.alloc(2)), pixels, end],
      'it has the chunk "ABCD", which is not read'
    ],
    [
      'a palette without end',
      [head(4, 4, 0, 3), chunk('PLTE', Buffer.alloc(3000)), pixels, end],
      'it has more than 256 colours'
    ],
    [
      'two palettes',
      [head(4, 4, 0, 3), chunk('PLTE', Buffer.alloc(3)), chunk('PLTE', Buffer.alloc(3)), pixels, end],
      'it has more than 256 colours'
    ],
    [
      'chunks without end',
      [head(4, 4), Buffer.concat(Array<Buffer>(100_001).fill(chunk('IDAT', Buffer.alloc(0)))), end],
      'it has more than 100000 chunks'
    ],
    [
      'interlaced pixels beyond its size',
      [head(4, 4, 1), chunk('IDAT', deflateSync(new Uint8Array(5000))), end],
      "its pixels can't be unpacked, or are more than its size allows"
    ]
  ])('%s is refused', async (_, chunks, why) => expect(await refusal(...chunks)).toBe(`@ is damaged: ${why}.`))

  it('bytes that the header claims but the file cannot hold', async () => {
    expect(await refusal(head(7000, 7000, 0, 6, 16), pixels, chunk('tEXt', Buffer.alloc(20_000)), end)).toMatch(
      /^@ claims 7000 x 7000 pixels, which its \d+ bytes can't hold\.$/
    )
  })

  it('interlaced images of all small sizes are read', async () => {
    const path = join(temporaryFolder(), 'a.png')
    for (let width = 1; width <= 9; width++)
      for (let height = 1; height <= 9; height++) {
        const passes = [
          [0, 0, 8, 8],
          [4, 0, 8, 8],
          [0, 4, 4, 8],
          [2, 0, 4, 4],
          [0, 2, 2, 4],
          [1, 0, 2, 2],
          [0, 1, 1, 2]
        ]
        const rows = passes.flatMap(([x, y, dx, dy]) => {
          const columns = Math.ceil((width - x!) / dx!)
          const lines = Math.ceil((height - y!) / dy!)
          return columns > 0 && lines > 0
            ? Array.from({ length: lines }, () => [0, ...Array<number>(columns).fill(9)])
            : []
        })
        const data = chunk('IDAT', deflateSync(Uint8Array.from(rows.flat())))
        await writeFile(path, Buffer.concat([magic, head(width, height, 1), data, end]))
        expect(await decodeImage(path, 2, 1)).toEqual(new Uint8Array(4).fill(9))
      }
  })
})

describe('images', () => {
  it('are cropped where torchvision crops: half a pixel goes to the even side', () => {
    const width = 70
    const data = Uint8Array.from({ length: width * 64 }, (_, index) => (index % width) * 3)
    // 35 x 32 after resizing; the crop begins at round(1.5) = 2, so that its middle lies around 17.5 + 0.5.
    const row = resizeAndCrop({ width, height: 64, channels: 1, data }, 32).subarray(0, 32)
    expect([row[0], row[31]]).toEqual([14, 200])
  })

  it('of JPEG for printing are refused by name; text behind an image does no harm', async () => {
    const jpeg = await readFile(join(witness, 'images', 'colour.jpg'))
    const path = join(temporaryFolder(), 'a.jpg')
    await writeFile(path, Buffer.concat([jpeg, Buffer.of(0xff, 0xda, 1, 2)]))
    expect(await decodeImage(path, 16, 3)).toEqual(await decodeImage(join(witness, 'images', 'colour.jpg'), 16, 3))
    const cmyk = Buffer.from(jpeg)
    cmyk[cmyk.indexOf(Buffer.of(0xff, 0xc0)) + 9] = 4
    await writeFile(path, cmyk)
    await expect(decodeImage(path, 16, 3)).rejects.toThrow(
      new UserError(`${path} is a CMYK image, for printing; save it as RGB.`)
    )
  })

  it('a class may be called train', async () => {
    const image = PNG.sync.write(new PNG({ width: 2, height: 2 }))
    const names = ['plane', 'train'].flatMap((name) => [`${name}/1.png`, `${name}/2.png`])
    const folder = await writeFiles(temporaryFolder(), Object.fromEntries(names.map((name) => [name, image])))
    expect((await readFiles(folder, usual)).classes).toEqual(['plane', 'train'])
    await mkdir(join(folder, 'train', 'x'))
    expect(await refusalOf(folder)).toContain('@/train/x holds no PNG or JPEG images')
  })
})
