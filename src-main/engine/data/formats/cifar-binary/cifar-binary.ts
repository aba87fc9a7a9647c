import { join } from 'node:path'
import { UserError } from '../../../../../src-shared/errors.ts'
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
import { classNumbers, requireAllocatable, type DatasetFormat, type LabelKind, type Listing } from '../format.ts'
import { fileSize, readWhole } from '../read-file.ts'

/** A record is the label (CIFAR-100: coarse, then fine), then 1024 bytes each of red, green and blue. */
type Layout = { labelBytes: 1 | 2; classes: number; labelAt: 0 | 1; names: string; files: Record<SplitName, string[]> }

const batch = /^data_batch_([1-9]\d?)\.bin$/
const mostNameBytes = 65_536
const mostFileBytes = 2 ** 30

/** CIFAR-10 and CIFAR-100 in their binary version (https://www.cs.toronto.edu/~kriz/cifar.html). */
export const cifarBinary: DatasetFormat = {
  id: 'cifar-binary',
  title: 'CIFAR binary',
  match: async ({ files }) =>
    files.some((name) => batch.test(name)) || files.includes('test_batch.bin') || files.includes('train.bin'),

  async describe(listing, { labels, classes }) {
    const layout = findLayout(listing, labels)
    const counts = { train: 0, test: 0 }
    for (const split of ['train', 'test'] as const)
      for (const path of layout.files[split]) counts[split] += await countOf(path, layout)
    const names = classes ?? (await readNames(listing, layout))
    return { classes: [...names], trainCount: counts.train, testCount: counts.test, shape: cifarShape, note: null }
  },

  async readSplit(listing, name, { labels: kind }) {
    const layout = findLayout(listing, kind)
    const paths = layout.files[name]
    const counts: number[] = []
    for (const path of paths) counts.push(await countOf(path, layout))
    const count = counts.reduce((sum, one) => sum + one, 0)
    requireAllocatable(listing.path, count, cifarShape)
    const images = new Uint8Array(count * cifarImageBytes)
    const labels = new Uint8Array(count)
    const recordBytes = layout.labelBytes + cifarImageBytes
    let position = 0
    for (const [index, path] of paths.entries()) {
      const bytes = await readWhole(path, mostFileBytes)
      if (bytes.length !== counts[index]! * recordBytes) throw new UserError(`${path} was changed while it was read.`)
      for (let at = 0; at < bytes.length; at += recordBytes, position++) {
        const label = bytes[at + layout.labelAt]!
        checkCifarLabel(path, label, layout.classes, at / recordBytes)
        labels[position] = label
        interleave(bytes, at + layout.labelBytes, images, position * cifarImageBytes)
      }
    }
    return { split: { images, labels, count }, shape: cifarShape, labelsPath: paths[0]! }
  }
}

function findLayout({ path, files }: Listing, kind: LabelKind): Layout {
  const at = (names: string[]) => names.map((name) => join(path, name))
  const batches = batchesOf(files, batch)
  const isTen = batches.length > 0 || files.includes('test_batch.bin')
  const needed = isTen ? 'test_batch.bin' : 'test.bin'
  if (isTen && batches.length === 0) throw new UserError(`${path} holds no data_batch_1.bin.`)
  if (!files.includes(needed)) throw new UserError(`${path} holds no ${needed}.`)
  if (isTen)
    return {
      ...{ labelBytes: 1, classes: 10, labelAt: 0, names: 'batches.meta.txt' },
      files: { train: at(batches), test: at([needed]) }
    }
  const isFine = kind === 'fine'
  return {
    ...{ labelBytes: 2, classes: isFine ? 100 : 20, labelAt: isFine ? 1 : 0, names: `${kind}_label_names.txt` },
    files: { train: at(['train.bin']), test: at([needed]) }
  }
}

/** Records of a file, from its size. */
async function countOf(path: string, { labelBytes }: Layout): Promise<number> {
  const bytes = await fileSize(path)
  const recordBytes = labelBytes + cifarImageBytes
  if (bytes === 0) throw new UserError(`${path} holds no images.`)
  if (bytes % recordBytes !== 0)
    throw new UserError(
      `${path} holds ${bytes} bytes, which is no multiple of the ${recordBytes} of an image with its label; it is cut off, or no CIFAR file.`
    )
  return bytes / recordBytes
}

async function readNames({ path, files }: Listing, { names, classes }: Layout): Promise<string[]> {
  if (!files.includes(names)) return classes === 10 ? [...cifar10Classes] : classNumbers(classes)
  const file = join(path, names)
  const text = Buffer.from(await readWhole(file, mostNameBytes)).toString('utf8')
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  return checkCifarNames(file, lines.filter(Boolean), classes)
}
