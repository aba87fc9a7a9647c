import { realpath, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { EngineRequest, EngineResult } from '../../../src-shared/contract.ts'
import { UsageError } from '../../../src-shared/errors.ts'
import { explainFileError } from '../../file-errors.ts'
import { copyFiles, requireCopyable } from './copy-files.ts'
import { isShippedDataset, summaryOf, usualSize } from './dataset.ts'
import { describeFiles, readFiles, type FoundHead } from './read-dataset.ts'
import { datasetName, datasetStore, mostRecords, type DatasetRecord } from './registered.ts'

type Added = EngineResult<'addDataset'>

/** Where a lab keeps the copy of a data set that was added with `copy`. */
const copyOf = (home: string, name: string): string => join(home, 'datasets', name)

/**
 * Registers a data set by name in the lab in `home`: reads it whole, and records its hash, counts, classes and pixel
 * statistics. Nothing is copied, unless `copy` asks for it. Throws UsageError where the name cannot be used or is taken,
 * UserError where the files are no data set, are damaged, or cannot be copied; then nothing is left behind.
 */
export async function addDataset(home: string, request: EngineRequest<'addDataset'>): Promise<Added> {
  const { name, path: given, size, labels, copy } = request
  await requireFree(home, name)
  const source = await realpath(resolve(given)).catch((error: unknown) => {
    throw explainFileError(error, given)
  })
  const options = { size: size ?? usualSize, labels: labels ?? 'fine', classes: null } as const
  const requireFitting = ({ format, classes }: FoundHead) => {
    if (labels === 'coarse' && !(format.startsWith('cifar') && classes.length === 20))
      throw new UsageError(`${given} has no coarse labels; only CIFAR-100 has them.`)
    if (size !== null && format !== 'image-folder')
      throw new UsageError(`${given} is no folder of images, so its images can't be given the size ${size}.`)
  }
  if (copy) {
    await requireCopyable(home, source)
    requireFitting(await describeFiles(source, options))
  }
  const path = copy ? await copyFiles(copyOf(home, name), source) : source
  try {
    const found = await readFiles(path, options)
    requireFitting(found)
    const { format, formatText, hash, classes, trainCount, testCount, shape, mean, deviation } = found
    const record: DatasetRecord = {
      ...{ name, path, format, formatText, size: options.size, labels: options.labels, isCopy: copy },
      ...{ addedAt: new Date().toISOString(), hash, classes, trainCount, testCount, shape, mean, deviation }
    }
    await datasetStore(home).update((records) => {
      // Another process may have taken the name meanwhile.
      if (conflictOf(records.keys(), name) !== undefined) throw taken(name)
      requireRoom(records.size, name)
      records.set(name, record)
    })
    return summaryOf(record)
  } catch (error) {
    if (copy) await rm(copyOf(home, name), { recursive: true, force: true }).catch(() => undefined)
    throw error
  }
}

const taken = (name: string) =>
  new UsageError(`There is a data set ${name} already; choose another name, or remove it first.`)

function requireRoom(count: number, name: string): void {
  if (count >= mostRecords)
    throw new UsageError(`The lab knows ${count} data sets, the most there can be; remove one before you add ${name}.`)
}

/** Names of files that Windows takes for devices, whatever follows their dot. */
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i

/** Names that differ in their letters' size only would be one folder on some systems. */
function conflictOf(names: Iterable<string>, name: string): string | undefined {
  for (const other of names) if (other.toLowerCase() === name.toLowerCase()) return other
  return undefined
}

async function requireFree(home: string, name: string): Promise<void> {
  if (!datasetName.safeParse(name).success)
    throw new UsageError(
      `${JSON.stringify(name)} can't be a data set's name: it takes up to 64 letters, digits, dots, dashes and underscores, none but letters and digits at its ends.`
    )
  if (reserved.test(name))
    throw new UsageError(`${JSON.stringify(name)} can't be a data set's name: Windows keeps it for a device.`)
  if (isShippedDataset(name.toLowerCase())) throw new UsageError(`${name} comes with the program; choose another name.`)
  const records = await datasetStore(home).read()
  const other = conflictOf(records.keys(), name)
  if (other !== undefined) throw taken(other)
  requireRoom(records.size, name)
}

/**
 * Forgets a data set of the lab in `home`, and deletes its files only where they are the lab's own copy. Throws UsageError
 * where there is no such data set, or it comes with the program.
 */
export async function removeDataset(home: string, name: string): Promise<EngineResult<'removeDataset'>> {
  if (isShippedDataset(name)) throw new UsageError(`${name} comes with the program and can't be removed.`)
  const record = await datasetStore(home).update((records) => {
    const found = records.get(name)
    if (!found) {
      const names = [...records.keys()].sort().join(', ') || 'none'
      throw new UsageError(`There is no data set ${JSON.stringify(name)} to remove; added were: ${names}.`)
    }
    records.delete(name)
    return found
  })
  // The list may have been edited by hand: nothing but the place of a copy is deleted, and not through a link.
  const copy = copyOf(await realpath(home).catch(() => home), record.name)
  const isOurs = record.isCopy && (await realpath(record.path).catch(() => '')) === copy
  if (isOurs)
    await rm(copy, { recursive: true, force: true }).catch((error: unknown) => {
      throw explainFileError(error, copy)
    })
  return { name, path: record.path, isDeleted: isOurs }
}
