import { join } from 'node:path'
import { UserError } from '../../../../../src-shared/errors.ts'
import type { SplitName } from '../../dataset-types.ts'
import { shuffledIndices } from '../../selection.ts'
import type { Listing } from '../format.ts'
import { listEntry } from '../list-entry.ts'

/** The images of a split: their files, and the class of each, 0-based. */
export type SplitFiles = { paths: string[]; labels: number[] }
export type FoundImages = Record<SplitName, SplitFiles> & {
  classes: string[]
  /** How the test split was made, where the folder has none. */
  note: string | null
}

const isImage = (name: string) => /\.(png|jpe?g)$/i.test(name)
const testNames = ['test', 'val', 'valid', 'validation']
const heldSeed = 0
const mostClasses = 65_536

type ClassFolder = { name: string; path: string; files: string[] }

/** The class folders below a folder, by name (code units, as torchvision's ImageFolder sorts them). */
async function classFolders(path: string, root: string): Promise<ClassFolder[]> {
  const { folders } = await listEntry(path, root)
  if (folders.length > mostClasses) throw new UserError(`${path} holds ${folders.length} folders; that are no classes.`)
  const found: ClassFolder[] = []
  for (const name of folders) {
    const folder = join(path, name)
    found.push({ name, path: folder, files: (await listEntry(folder, root)).files.filter(isImage) })
  }
  return found
}

/** True where a folder holds `train` with folders in it, or folders with images. */
export async function holdsImages({ path, folders }: Listing): Promise<boolean> {
  for (const name of folders) {
    const below = await listEntry(join(path, name), path)
    if (below.files.some(isImage) || (name === 'train' && below.folders.length > 0)) return true
  }
  return false
}

/**
 * Lists a folder's images: `train/CLASS/*` and `test/CLASS/*` (or `val`), or only `CLASS/*`, of which a fifth of each
 * class is then held as the test split, drawn with seed 0. Throws UserError where there are none, where a class folder is
 * empty, or where the test split has a class that the train split lacks.
 */
export async function findImages({ path, folders }: Listing): Promise<FoundImages> {
  // A class may be called `train` too: then that folder holds images, and no folders.
  const hasTrain = folders.includes('train') && (await listEntry(join(path, 'train'), path)).folders.length > 0
  const trainPath = hasTrain ? join(path, 'train') : path
  const train = await classFolders(trainPath, path)
  if (train.length === 0) throw new UserError(`${trainPath} holds no folders; each class needs one, with its images.`)
  for (const { path, files } of train) requireImages(path, files)
  const classes = train.map(({ name }) => name)
  const test = hasTrain ? await findTest(path, folders) : null
  if (!test) return { ...holdOut(trainPath, train), classes }
  const numbers = new Map(classes.map((name, label) => [name, label]))
  for (const { path, name, files } of test) {
    if (!numbers.has(name)) throw new UserError(`${path} is a class that ${trainPath} does not have.`)
    requireImages(path, files)
  }
  return { train: flatten(train, numbers), test: flatten(test, numbers), classes, note: null }
}

/** The first of the usual folders that has classes: ImageNet's `test` has none. */
async function findTest(path: string, folders: readonly string[]): Promise<ClassFolder[] | null> {
  for (const name of testNames) {
    if (!folders.includes(name)) continue
    const found = await classFolders(join(path, name), path)
    if (found.length > 0) return found
  }
  return null
}

function requireImages(path: string, files: readonly string[]): void {
  if (files.length === 0)
    throw new UserError(`${path} holds no PNG or JPEG images; remove the folder, or put the class's images into it.`)
}

function flatten(folders: readonly ClassFolder[], numbers: ReadonlyMap<string, number>): SplitFiles {
  const split: SplitFiles = { paths: [], labels: [] }
  for (const { name, path, files } of folders) {
    const label = numbers.get(name)!
    for (const file of files) {
      split.paths.push(join(path, file))
      split.labels.push(label)
    }
  }
  return split
}

function holdOut(path: string, folders: readonly ClassFolder[]): Omit<FoundImages, 'classes'> {
  const train: SplitFiles = { paths: [], labels: [] }
  const test: SplitFiles = { paths: [], labels: [] }
  folders.forEach(({ path, files }, label) => {
    const held = Math.min(Math.max(1, Math.round(files.length / 5)), files.length - 1)
    const chosen = new Set(shuffledIndices(files.length, heldSeed, 'image-folder', label).subarray(0, held))
    files.forEach((file, index) => {
      const split = chosen.has(index) ? test : train
      split.paths.push(join(path, file))
      split.labels.push(label)
    })
  })
  if (test.paths.length === 0)
    throw new UserError(`${path} has one image a class; there must be more, so that some can be kept for testing.`)
  return { train, test, note: `1/5 of each class is the test split (seed ${heldSeed})` }
}
