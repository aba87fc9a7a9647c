import { UserError } from '../../../../src-shared/errors.ts'
import { cifarBinary } from './cifar-binary/cifar-binary.ts'
import { cifarPython } from './cifar-python/cifar-python.ts'
import type { DatasetFormat, Listing } from './format.ts'
import { idx } from './idx/idx-format.ts'
import { imageFolder } from './image-folder/image-folder.ts'
import { listEntry } from './list-entry.ts'
import { npz } from './npz/npz-format.ts'

/** Every way in which data sets are read, the narrower ones first. */
export const formats: readonly DatasetFormat[] = [idx, cifarBinary, cifarPython, npz, imageFolder]

/** The format of what lies at a path. Throws UserError where it is none that is known. */
export async function findFormat(path: string): Promise<{ format: DatasetFormat; listing: Listing }> {
  const listing = await listEntry(path)
  for (const format of formats) if (await format.match(listing)) return { format, listing }
  const known = 'IDX files, CIFAR batches (binary or Python), .npz or .npy arrays, or a folder of PNG and JPEG images'
  throw new UserError(
    listing.isFile
      ? `${path} is no data set: of single files, .npz archives are read; other data sets are folders.`
      : `${path} is no data set: it holds no ${known} with one folder a class.`
  )
}
