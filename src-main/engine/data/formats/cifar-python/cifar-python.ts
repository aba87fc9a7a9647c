import { join } from 'node:path'
import { UserError } from '../../../../../src-shared/errors.ts'
import { describeValue, textOf, type PickleKey, type PickleValue } from '../../../pickle/values.ts'
import { numpyGlobals } from '../../../pickle/numpy.ts'
import { unpickle } from '../../../pickle/unpickle.ts'
import type { SplitName } from '../../dataset-types.ts'
import {
  batchesOf,
  checkCifarLabel,
  checkCifarNames,
  cifar10Classes,
  cifarImageBytes,
  cifarShape,
  interleave
} from '../cifar.ts'
import {
  classNumbers,
  mostSplitBytes,
  requireAllocatable,
  type DatasetFormat,
  type LabelKind,
  type Listing
} from '../format.ts'
import { fileSize, readHead, readWhole } from '../read-file.ts'
import { readPixelRows, type PixelRows } from './pixel-rows.ts'

type Layout = { files: Record<SplitName, string[]>; key: string; classes: number; meta: string; names: string }

const batch = /^data_batch_([1-9]\d?)$/
const mostFileBytes = 2 ** 30
const mostMetaBytes = 2 ** 20
/** Three an image, for its label and its file's name, in the largest file that is read. */
const mostOpcodes = 1_500_000

/** CIFAR-10 and CIFAR-100 in their Python version: pickles, read by the lab's own restricted unpickler. */
export const cifarPython: DatasetFormat = {
  id: 'cifar-python',
  title: 'CIFAR Python',
  async match({ path, files }) {
    const name = files.find((name) => batch.test(name) || name === 'test_batch' || name === 'train')
    // The opcode PROTO, with which pickles of protocol 2 and above begin.
    return name !== undefined && (await readHead(join(path, name), 1))[0] === 0x80
  },

  async describe(listing, { labels, classes }) {
    const layout = findLayout(listing, labels)
    const counts = { train: 0, test: 0 }
    for (const split of ['train', 'test'] as const) await requireSmall(listing.path, layout.files[split])
    // Pixels are not touched: what is unpickled is a view of the file.
    for (const split of ['train', 'test'] as const)
      for (const path of layout.files[split]) counts[split] += (await readBatch(path, layout)).pixels.count
    const names = classes ?? (await readNames(listing, layout))
    return { classes: [...names], trainCount: counts.train, testCount: counts.test, shape: cifarShape, note: null }
  },

  async readSplit(listing, name, { labels: kind }) {
    const layout = findLayout(listing, kind)
    await requireSmall(listing.path, layout.files[name])
    const batches: { pixels: PixelRows; labels: number[] }[] = []
    for (const path of layout.files[name]) batches.push(await readBatch(path, layout))
    const count = batches.reduce((sum, { pixels }) => sum + pixels.count, 0)
    requireAllocatable(listing.path, count, cifarShape)
    const images = new Uint8Array(count * cifarImageBytes)
    const labels = new Uint8Array(count)
    let position = 0
    for (const { pixels, labels: own } of batches)
      for (let row = 0; row < pixels.count; row++, position++) {
        interleave(pixels.row(row), 0, images, position * cifarImageBytes)
        labels[position] = own[row]!
      }
    return { split: { images, labels, count }, shape: cifarShape, labelsPath: layout.files[name][0]! }
  }
}

function findLayout({ path, files }: Listing, kind: LabelKind): Layout {
  const at = (names: string[]) => names.map((name) => join(path, name))
  const batches = batchesOf(files, batch)
  const isTen = batches.length > 0 || files.includes('test_batch')
  const needed = isTen ? 'test_batch' : 'test'
  if (isTen && batches.length === 0) throw new UserError(`${path} holds no data_batch_1.`)
  if (!files.includes(needed)) throw new UserError(`${path} holds no ${needed}.`)
  return isTen
    ? {
        files: { train: at(batches), test: at([needed]) },
        ...{ key: 'labels', classes: 10, meta: 'batches.meta', names: 'label_names' }
      }
    : {
        files: { train: at(['train']), test: at([needed]) },
        ...{ key: `${kind}_labels`, classes: kind === 'fine' ? 100 : 20, meta: 'meta', names: `${kind}_label_names` }
      }
}

/** Throws UserError where files are larger together than a split may be, before one is read. */
async function requireSmall(folder: string, paths: readonly string[]): Promise<void> {
  let bytes = 0
  for (const path of paths) bytes += await fileSize(path)
  if (bytes > mostSplitBytes)
    throw new UserError(
      `${folder} holds ${bytes} bytes in the ${paths.length} files of a split; at most 2 GiB are read.`
    )
}

async function readDict(path: string, mostBytes: number): Promise<Map<PickleKey, PickleValue>> {
  const value = unpickle(await readWhole(path, mostBytes), {
    ...{ name: path, globals: numpyGlobals, limits: { opcodes: mostOpcodes } }
  })
  if (value instanceof Map) return value
  throw new UserError(`${path} holds ${describeValue(value)}; a CIFAR file holds a dict.`)
}

async function readBatch(path: string, { key, classes }: Layout): Promise<{ pixels: PixelRows; labels: number[] }> {
  const dict = await readDict(path, mostFileBytes)
  const pixels = readPixelRows(path, dict.get('data'))
  const list = dict.get(key)
  if (!Array.isArray(list))
    throw new UserError(`${path} has ${describeValue(list)} for its ${key}; that must be a list of numbers.`)
  if (list.length !== pixels.count)
    throw new UserError(`${path} holds ${list.length} ${key} for ${pixels.count} images.`)
  const labels = list.map((label, index) => {
    if (typeof label !== 'number')
      throw new UserError(`${path} has ${describeValue(label)} for the label of image ${index}.`)
    checkCifarLabel(path, label, classes, index)
    return label
  })
  return { pixels, labels }
}

async function readNames({ path, files }: Listing, { meta, names, classes }: Layout): Promise<string[]> {
  if (!files.includes(meta)) return classes === 10 ? [...cifar10Classes] : classNumbers(classes)
  const file = join(path, meta)
  const list = (await readDict(file, mostMetaBytes)).get(names)
  if (!Array.isArray(list))
    throw new UserError(`${file} has ${describeValue(list)} for its ${names}; a list is needed.`)
  const texts = list.map((name) => textOf(name) ?? '')
  return checkCifarNames(file, texts, classes)
}
