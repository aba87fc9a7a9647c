import { crc32 } from 'node:zlib'
import { UserError } from '../../../../src-shared/errors.ts'
import { quote } from '../../pickle/values.ts'
import type { CheckpointFormat, Contents } from '../format.ts'
import type { OpenFile } from '../open-file.ts'
import { isZip, readZipDirectory, readZipNames, type ZipEntry } from '../zip/zip-directory.ts'
import { contentsOfModel } from './contents-of-model.ts'
import { readOutline, type Hdf5Source } from './hdf5/read-hdf5.ts'
import { textOf } from './json.ts'
import { longestText, parseModelText, parseObject } from './model-text.ts'
import { refusalsOf } from './refuse.ts'
import { storedDatasets } from './stored-datasets.ts'
import { variablesOfClasses } from './weight-groups.ts'

const configName = 'config.json'
const weightsName = 'model.weights.h5'

/** Keras 3's `.keras`: a zip, its entries stored as they are, of the configuration and of the weights as HDF5. */
export const kerasArchive: CheckpointFormat = { name: 'keras', match, read }

async function match(file: OpenFile): Promise<boolean> {
  if (!isZip(file)) return false
  const names = new Set(await readZipNames(file))
  return names.has(configName) && (names.has(weightsName) || names.has('metadata.json'))
}

async function read(file: OpenFile): Promise<Contents> {
  const { path } = file
  const refuse = refusalsOf(path)
  const entries = await readZipDirectory(file)
  const metadata = parseObject(await readText(file, entries, 'metadata.json'), 'its metadata.json', refuse)
  const version = textOf(metadata.get('keras_version')) ?? ''
  const model = parseModelText(await readText(file, entries, configName), refuse)
  const weights = entryOf(path, entries, weightsName)
  const source: Hdf5Source = { path, size: weights.size, bytes: () => readChecked(file, weights) }
  const stored = storedDatasets(source, await readOutline(source))
  // Keras 2.12 to 2.15 wrote this format, too.
  const isKeras3 = !version.startsWith('2.')
  return contentsOfModel(path, model, variablesOfClasses(stored, model), { isKeras3, isTfjs: false })
}

async function readText(file: OpenFile, entries: ReadonlyMap<string, ZipEntry>, name: string): Promise<string> {
  const entry = entryOf(file.path, entries, name)
  if (entry.size > longestText)
    throw new UserError(`${file.path}: ${quote(name)} is ${entry.size} bytes long; at most ${longestText} are read.`)
  return new TextDecoder().decode(await readChecked(file, entry))
}

async function readChecked(file: OpenFile, { name, position, size, crc32: sum }: ZipEntry) {
  const bytes = await file.read(position, size)
  if (crc32(bytes) === sum) return bytes
  throw new UserError(`${file.path} is damaged: the check sum of ${quote(name)} does not match.`)
}

function entryOf(path: string, entries: ReadonlyMap<string, ZipEntry>, name: string): ZipEntry {
  const entry = entries.get(name)
  if (!entry) throw new UserError(`${path} is an archive of Keras without ${quote(name)}; save the model again.`)
  return entry
}
