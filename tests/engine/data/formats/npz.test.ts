import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { describeFiles, readFiles } from '../../../../src-main/engine/data/read-dataset.ts'
import { temporaryFolder } from '../../training/small-run.ts'
import { npy, refusalOf, usual, witness, witnessed, writeFiles, zip } from './written.ts'

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const bytes = (count: number) => Uint8Array.from({ length: count }, (_, index) => index)

const files = {
  'x_train.npy': npy([3, 4, 5], bytes(60)),
  'y_train.npy': npy([3], Uint8Array.of(0, 1, 1)),
  'x_test.npy': npy([1, 4, 5], bytes(20)),
  'y_test.npy': npy([1], Uint8Array.of(1, 0, 0, 0), '<i4')
}
const entries = (changes: Record<string, Uint8Array> = {}) =>
  Object.entries({ ...files, ...changes }).map(([name, data]) => ({ name, data }))
const archive = async (data: Uint8Array) => join(await writeFiles(temporaryFolder(), { 'a.npz': data }), 'a.npz')

describe('arrays', () => {
  type Expected = { train: string; labels: number[]; test: string; testLabels: number[]; planar: string }

  it.each(['stored.npz', 'deflated.npz'])("Keras's names, as NumPy wrote them: %s", async (name) => {
    const expected = await witnessed<Expected>('arrays')
    const path = join(witness, name)
    const head = { shape: [6, 7, 1], trainCount: 5, testCount: 2, classes: ['0', '1', '2'], formatText: 'NumPy arrays' }
    expect(await describeFiles(path, usual)).toMatchObject(head)
    const { splits } = await readFiles(path, usual)
    expect([digest(splits.train.images), digest(splits.test.images)]).toEqual([expected.train, expected.test])
    expect([[...splits.train.labels], [...splits.test.labels]]).toEqual([expected.labels, expected.testLabels])
  })

  it('channels first, labels as a column of big-endian int32, one folder a split', async () => {
    const { shape, splits } = await readFiles(join(witness, 'planar'), usual)
    expect(shape).toEqual([6, 7, 3])
    expect(digest(splits.train.images)).toBe((await witnessed<Expected>('arrays')).planar)
    expect([...splits.train.labels]).toEqual([0, 1, 2])
  })

  it('loose files, an archive in a folder, other names', async () => {
    const loose = await readFiles(await writeFiles(temporaryFolder(), files), usual)
    expect(loose).toMatchObject({ shape: [4, 5, 1], trainCount: 3 })
    const folder = await writeFiles(temporaryFolder(), { 'a.npz': zip(entries()), 'README.txt': 'x' })
    expect((await readFiles(folder, usual)).hash).toBe(loose.hash)
    const renamed = entries().map(({ name, data }) => ({
      name: name.replace(/(.)_(train|test)/, (_, part, split) => `${split}_${part === 'x' ? 'images' : 'labels'}`),
      data
    }))
    expect((await readFiles(await archive(zip(renamed)), usual)).hash).toBe(loose.hash)
  })

  it('colours behind', async () => {
    const colour = {
      'x_train.npy': npy([2, 4, 5, 3], bytes(120)),
      'y_train.npy': npy([2], Uint8Array.of(0, 1)),
      'x_test.npy': npy([1, 4, 5, 3], bytes(60))
    }
    const { shape, splits } = await readFiles(await archive(zip(entries(colour))), usual)
    expect(shape).toEqual([4, 5, 3])
    expect(splits.train.images).toEqual(bytes(120))
  })
})

describe('broken', () => {
  const x = 'x_train.npy'
  const cut = (file: Uint8Array, by: number) => file.slice(0, file.length - by)
  it.each<[string, Record<string, Uint8Array | string | null>, string]>([
    [
      'cut off',
      { [x]: cut(files[x], 1) },
      '@/x_train.npy holds 187 bytes, but its header declares 188 (3 x 4 x 5 of |u1).'
    ],
    ['no array', { [x]: 'hello, world' }, '@/x_train.npy is not a .npy array.'],
    ['a header that is cut off', { [x]: files[x].slice(0, 40) }, '@/x_train.npy ends inside its header.'],
    ['another version', { [x]: files[x].with(6, 9) }, '@/x_train.npy is a .npy array of version 9; 1 to 3 are read.'],
    [
      'a header of code',
      { [x]: npy([1], '', "', __import__('os').system('id'), '") },
      "@/x_train.npy has a header that is not understood: \"{'descr': '', __import__('os').system('id'), '', 'fortran_or…\"."
    ],
    [
      'floats',
      { [x]: npy([3, 4, 5], bytes(240), '<f4') },
      '@/x_train.npy holds values of the type "<f4"; images are bytes, uint8 (0 to 255).'
    ],
    [
      'Python objects',
      { [x]: npy([3], bytes(24), '|O') },
      '@/x_train.npy holds Python objects, which are not read; save plain numbers.'
    ],
    [
      'column by column',
      { [x]: npy([3, 4, 5], bytes(60), '|u1', true) },
      '@/x_train.npy is stored column by column; save it after numpy.ascontiguousarray.'
    ],
    [
      'a giant',
      { [x]: npy([1e9, 1e5, 1e5], bytes(60)) },
      '@/x_train.npy declares 1000000000 x 100000 x 100000 values of |u1, more than 2 GiB; it is not read.'
    ],
    [
      'flat images',
      { [x]: npy([3, 20], bytes(60)) },
      '@/x_train.npy is 3 x 20; images are count x height x width, or with channels behind or before.'
    ],
    [
      'two channels',
      { [x]: npy([3, 2, 5, 2], bytes(60)) },
      '@/x_train.npy is 3 x 2 x 5 x 2; images have 1 or 3 channels, as their last or their second axis.'
    ],
    [
      'channels that can be either',
      { [x]: npy([3, 3, 4, 3], bytes(108)) },
      "@/x_train.npy is 3 x 3 x 4 x 3: whether the channels come first or last can't be told; give larger images."
    ],
    ['no images', { [x]: npy([0, 4, 5], '') }, '@/x_train.npy holds no images: it is 0 x 4 x 5.'],
    [
      'images of several sizes',
      { 'x_test.npy': npy([1, 5, 4], bytes(20)) },
      '@: train images are 4 x 5 x 1, test images 5 x 4 x 1.'
    ],
    ['too few labels', { 'y_train.npy': npy([2], bytes(2)) }, '@/y_train.npy holds 2 labels for 3 images.'],
    [
      'labels of one class each',
      { 'y_train.npy': npy([3, 10], bytes(30)) },
      '@/y_train.npy is 3 x 10; labels are one number an image.'
    ],
    [
      'labels of text',
      { 'y_train.npy': npy([3], bytes(12), '<U1') },
      '@/y_train.npy holds values of the type "<U1"; labels are whole numbers.'
    ],
    [
      'labels of floats',
      { 'y_train.npy': npy([3], bytes(12), '<f4') },
      '@/y_train.npy holds values of the type "<f4"; labels are whole numbers.'
    ],
    [
      'a negative label',
      { 'y_train.npy': npy([3], Uint8Array.of(0, 255, 1), '|i1') },
      '@/y_train.npy holds the label -1 at image 1; labels are 0 to 65535.'
    ],
    [
      'a label beyond all',
      { 'y_train.npy': npy([3], new Uint8Array(24).fill(255, 8, 15), '<i8') },
      '@/y_train.npy holds the label 72057594037927940 at image 1; labels are 0 to 65535.'
    ],
    [
      'a class in test only',
      { 'y_test.npy': npy([1], Uint8Array.of(2)) },
      '@/y_test.npy holds the label 2; there are 2 classes.'
    ],
    ['a missing array', { 'y_test.npy': null }, '@ holds no y_test or test_labels; it holds x_test, x_train, y_train.']
  ])('%s', async (_, changes, message) =>
    expect(await refusalOf(await writeFiles(temporaryFolder(), { ...files, ...changes }))).toBe(message)
  )

  const bomb = npy([1, 4000, 4000], new Uint8Array(16_000_000))
  it.each<[string, Uint8Array, string]>([
    [
      'an archive that is cut off',
      zip(entries()).slice(0, 500),
      '@ is a damaged archive: End of central directory record signature not found. Either not a zip file, or file is truncated.'
    ],
    [
      'without arrays',
      zip([{ name: 'a.txt', data: bytes(3) }]),
      '@ holds no x_train or train_images; it holds nothing.'
    ],
    ['a name twice', zip([...entries(), ...entries().slice(0, 1)]), '@ holds "x_train.npy" twice.'],
    [
      'a way out of the archive',
      zip([{ name: '../x_train.npy', data: bytes(3) }]),
      '@ is a damaged archive: invalid relative path: ../x_train.npy.'
    ],
    [
      'a packing that is unknown',
      zip([{ name: 'x_train.npy', data: bytes(3), method: 12 }]),
      '@: x_train.npy is packed with method 12; stored and deflated entries are read.'
    ],
    [
      'a bomb by its claim',
      zip([{ name: 'x_train.npy', data: bytes(3), method: 8, claims: 4_000_000_000 }]),
      '@: x_train.npy claims to unpack 5 bytes to 4000000000; it is not read.'
    ],
    [
      'a bomb that claims little',
      zip([{ ...entries()[0]!, data: bomb, method: 8, claims: 5000 }, ...entries().slice(1)]),
      '@ is a damaged archive: too many bytes in the stream. expected 5000. got at least 16384.'
    ],
    [
      'more than it claims',
      zip([
        { ...entries()[0]!, data: Buffer.concat([files['x_train.npy'], bytes(9)]), method: 8, claims: 188 },
        ...entries().slice(1)
      ]),
      '@ is a damaged archive: too many bytes in the stream. expected 188. got at least 197.'
    ],
    [
      'a wrong check sum',
      zip([{ ...entries()[0]!, crc: 5 }, ...entries().slice(1)]),
      '@: x_train.npy is damaged: its check sum does not match.'
    ]
  ])('%s', async (_, data, message) => expect(await refusalOf(await archive(data))).toBe(message))

  it('what is no data set at all', async () => {
    const folder = await writeFiles(temporaryFolder(), { 'notes.txt': 'x' })
    expect(await refusalOf(folder)).toBe(
      '@ is no data set: it holds no IDX files, CIFAR batches (binary or Python), .npz or .npy arrays, or a folder of PNG and JPEG images with one folder a class.'
    )
    expect(await refusalOf(join(folder, 'notes.txt'))).toBe(
      '@ is no data set: of single files, .npz archives are read; other data sets are folders.'
    )
    expect(await refusalOf(join(folder, 'none'))).toBe('@ does not exist.')
    expect(await refusalOf(await writeFiles(temporaryFolder(), { 'a.npz': '', 'b.npz': '' }))).toBe(
      '@ holds several archives: a.npz, b.npz; name one of them.'
    )
  })
})
