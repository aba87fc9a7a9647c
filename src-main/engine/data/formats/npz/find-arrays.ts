import { join } from 'node:path'
import { UserError } from '../../../../../src-shared/errors.ts'
import type { ArraySource } from '../../../numpy/array-source.ts'
import { listZipArrays } from '../../../numpy/zip-arrays.ts'
import { quote } from '../../../pickle/values.ts'
import type { SplitName } from '../../dataset-types.ts'
import type { Listing } from '../format.ts'
import { listEntry } from '../list-entry.ts'
import { fileSize, readHead, readWhole } from '../read-file.ts'

/** A data set's four arrays. */
export type SplitArrays = Record<SplitName, { images: ArraySource; labels: ArraySource }>

const mostFileBytes = 2 ** 31 - 1

/** Names without the ending, in small letters, as Keras and others write them. */
const names = {
  train: { images: ['x_train', 'train_images'], labels: ['y_train', 'train_labels'] },
  test: { images: ['x_test', 'test_images'], labels: ['y_test', 'test_labels'] }
} as const

const nameOf = (file: string) => file.replace(/\.npy$/, '').toLowerCase()
const isOurs = (file: string) =>
  file.endsWith('.npy') &&
  Object.values(names).some(({ images, labels }) => [...images, ...labels].some((name) => name === nameOf(file)))

/** The only .npz archive of a folder. */
const archivesOf = ({ files }: Listing) => files.filter((name) => name.endsWith('.npz'))

/** True for a zip archive, and for a folder with one, with arrays of the usual names, or with `train/images.npy`. */
export async function holdsArrays(listing: Listing): Promise<boolean> {
  if (listing.isFile) {
    const head = await readHead(listing.path, 4)
    return head[0] === 0x50 && head[1] === 0x4b
  }
  if (archivesOf(listing).length > 0 || listing.files.some(isOurs)) return true
  if (!listing.folders.includes('train')) return false
  return (await listEntry(join(listing.path, 'train'), listing.path)).files.includes('images.npy')
}

/** Finds the arrays of both splits. Throws UserError where one is missing, or there are several. */
export async function findArrays(listing: Listing): Promise<SplitArrays> {
  const { path, files } = listing
  if (listing.isFile) return fromNames(path, await listZipArrays({ path }))
  const archives = archivesOf(listing)
  if (archives.length > 1)
    throw new UserError(`${path} holds several archives: ${archives.join(', ')}; name one of them.`)
  if (archives[0] !== undefined) {
    const archive = join(path, archives[0])
    return fromNames(archive, await listZipArrays({ path: archive }))
  }
  if (files.some(isOurs)) {
    const sources = new Map<string, ArraySource>()
    for (const file of files)
      if (file.endsWith('.npy')) sources.set(file.slice(0, -'.npy'.length), await fileSource(join(path, file)))
    return fromNames(path, sources)
  }
  const of = async (split: SplitName) => {
    const folder = join(path, split)
    const { files: held } = await listEntry(folder, path)
    const source = (name: string) => {
      if (listing.folders.includes(split) && held.includes(name)) return fileSource(join(folder, name))
      throw new UserError(`${folder} holds no ${name}.`)
    }
    return { images: await source('images.npy'), labels: await source('labels.npy') }
  }
  return { train: await of('train'), test: await of('test') }
}

function fromNames(path: string, given: ReadonlyMap<string, ArraySource>): SplitArrays {
  const sources = new Map<string, ArraySource>()
  for (const [written, source] of given) {
    const name = written.toLowerCase()
    if (sources.has(name))
      throw new UserError(`${path} holds several arrays named ${quote(name)} in capitals and small letters.`)
    sources.set(name, source)
  }
  const find = (split: SplitName, content: 'images' | 'labels'): ArraySource => {
    const found = names[split][content].flatMap((name) => sources.get(name) ?? [])
    if (found.length > 1) throw new UserError(`${path} holds several arrays of ${split} ${content}.`)
    if (found[0]) return found[0]
    const has = [...given.keys()].slice(0, 8).join(', ') || 'nothing'
    throw new UserError(`${path} holds no ${names[split][content].join(' or ')}; it holds ${has}.`)
  }
  return {
    train: { images: find('train', 'images'), labels: find('train', 'labels') },
    test: { images: find('test', 'images'), labels: find('test', 'labels') }
  }
}

async function fileSource(path: string): Promise<ArraySource> {
  const size = await fileSize(path)
  return {
    name: path,
    size,
    head: (most) => readHead(path, most),
    read: () => readWhole(path, Math.min(size, mostFileBytes))
  }
}
