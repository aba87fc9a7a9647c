import { stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { EngineResult } from '../../../src-shared/contract.ts'
import { UsageError, UserError } from '../../../src-shared/errors.ts'
import { packageRoot } from '../../package-root.ts'
import { datasetHome } from './dataset-home.ts'
import { bytesOf, mostCachedBytes, type Dataset } from './dataset-types.ts'
import { stampOf } from './file-stamp.ts'
import type { ReadOptions } from './formats/format.ts'
import { inputSizeOf } from './input-size.ts'
import { describeFiles, readFiles, type FoundHead } from './read-dataset.ts'
import { createRecentCache } from './recent-cache.ts'
import { findRegistered, registeredDatasets, type DatasetRecord } from './registered.ts'

export type { Dataset, DatasetSplit, ImageShape, SplitName } from './dataset-types.ts'

type Summary = EngineResult<'listDatasets'>[number]

/** Side that the images of a folder are resized to where nothing else is said, pixels. */
export const usualSize = 32

const shippedDatasets: DatasetPlace[] = [
  {
    name: 'fashion-mnist',
    path: join(packageRoot, 'resources', 'datasets', 'fashion-mnist'),
    options: {
      size: usualSize,
      labels: 'fine',
      classes: [
        ...['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat'],
        ...['Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot']
      ]
    },
    licence: 'MIT',
    record: null
  }
]

/** True for the name of a data set that comes with the program. */
export const isShippedDataset = (name: string): boolean => shippedDatasets.some((shipped) => shipped.name === name)

/** True for the name of a data set that comes with the program, or was added to the lab of this process. */
export const isKnownDataset = async (name: string): Promise<boolean> =>
  isShippedDataset(name) || (await findRegistered(datasetHome(), name)) !== undefined

/** Where a data set lies and how it is read. */
export type DatasetPlace = {
  name: string
  path: string
  /** Its `classes` are null where nothing but its files tells them. */
  options: ReadOptions
  licence: string
  /** What it was when it was added to the lab; null for one that comes with the program, or is named by its path. */
  record: DatasetRecord | null
}

const placeOf = (record: DatasetRecord): DatasetPlace => {
  const { name, path, size, labels, classes } = record
  return { name, path, options: { size, labels, classes }, licence: 'unknown', record }
}

/** A known data set by name, or what lies at a path. Throws UsageError where there is neither. */
export async function findDataset(nameOrPath: string): Promise<DatasetPlace> {
  const shipped = shippedDatasets.find(({ name }) => name === nameOrPath)
  if (shipped) return shipped
  const record = await findRegistered(datasetHome(), nameOrPath)
  if (record) return placeOf(record)
  await requireEntry(nameOrPath)
  const path = resolve(nameOrPath)
  const options = { size: usualSize, labels: 'fine', classes: null } as const
  return { name: basename(path), path, options, licence: 'unknown', record: null }
}

async function requireEntry(nameOrPath: string): Promise<void> {
  const isThere = await stat(nameOrPath).then(
    (entry) => entry.isDirectory() || entry.isFile(),
    () => false
  )
  if (isThere) return
  const names = [...shippedDatasets, ...(await registeredDatasets(datasetHome()))].map(({ name }) => name).join(', ')
  throw new UsageError(
    `There is no data set or folder named ${JSON.stringify(nameOrPath)}; the data sets known are: ${names}.`
  )
}

/** The data sets known by name: those that come with the program, and those added to the lab in `home`. */
export async function listDatasets(home: string = datasetHome()): Promise<EngineResult<'listDatasets'>> {
  const places = [...shippedDatasets, ...(await registeredDatasets(home)).map(placeOf)]
  return Promise.all(places.map(describeDataset))
}

/** CIFAR's Python files are read whole to be described, and a window asks at every change of a form. */
const described = createRecentCache<FoundHead>(32, () => 1)

/** What is recorded of a data set, or what the headers of its files say. Throws UserError where they are damaged. */
export async function describeDataset({ name, path, options, licence, record }: DatasetPlace): Promise<Summary> {
  if (record) return summaryOf(record)
  const key = JSON.stringify([path, options, await stampOf(path)])
  const found = await described.get(key, () => describeFiles(path, options))
  const { classes, trainCount, testCount, shape, formatText } = structuredClone(found)
  const inputSize = inputSizeOf(shape)
  const measured = { mean: null, deviation: null, isRegistered: false }
  return { name, path, classes, trainCount, testCount, shape, licence, format: formatText, inputSize, ...measured }
}

/** A registered data set as it is listed. */
export function summaryOf(record: DatasetRecord): Summary {
  const { name, path, classes, trainCount, testCount, shape, formatText, mean, deviation } = record
  const counts = { trainCount, testCount, shape, inputSize: inputSizeOf(shape) }
  return { name, path, classes, ...counts, licence: 'unknown', format: formatText, mean, deviation, isRegistered: true }
}

const loaded = createRecentCache<Dataset>(mostCachedBytes, ({ splits }) => bytesOf(splits.train) + bytesOf(splits.test))

/**
 * A known data set by name, or what lies at a path; kept (up to 512 MiB of them) until its files are changed.
 *
 * Throws UsageError where there is no such data set or folder, UserError where a file is damaged, or where a data set is
 * no longer what it was when it was added.
 */
export async function loadDataset(nameOrPath: string): Promise<Dataset> {
  const place = await findDataset(nameOrPath)
  const { path, options, record } = place
  const key = JSON.stringify([path, options, record && [record.name, record.hash], await stampOf(path)])
  return loaded.get(key, () => readDataset(place))
}

async function readDataset({ name, path, options, licence, record }: DatasetPlace): Promise<Dataset> {
  const { classes, shape, hash, splits, mean, deviation } = await readFiles(path, options)
  if (record && record.hash !== hash) throw hasChanged(record)
  return { name, classes, shape, hash, splits, mean, deviation, licence, path }
}

/** Why a registered data set is not used as it is. */
export const hasChanged = ({ name, path, addedAt }: DatasetRecord): UserError =>
  new UserError(
    `The data set ${name} is no longer what it was when it was added on ${addedAt.slice(0, 10)}: ${path} has changed; restore it, or remove ${name} and add it again.`
  )
