import { crc32 } from 'node:zlib'
import { UserError } from '../../../../src-shared/errors.ts'
import { GlobalRefusal } from '../../pickle/globals.ts'
import { latin1, quote } from '../../pickle/values.ts'
import type { CheckpointFormat, Contents } from '../format.ts'
import type { OpenFile } from '../open-file.ts'
import { isZip, readFirstName, readZipDirectory, readZipNames, type ZipEntry } from '../zip/zip-directory.ts'
import { mostPickleBytes, readTorchPickle } from './read-pickle.ts'
import { readTorchContents } from './stored-tensors.ts'

/** What `torch.save` writes since 2020: a zip of a pickle and of an entry for every storage. */
export const pytorchZip: CheckpointFormat = { name: 'pytorch-zip', match, read }

const scriptName = /^[^/]+\/(constants\.pkl$|code\/)/
const pickleName = /^[^/]+\/data\.pkl$/

async function match(file: OpenFile): Promise<boolean> {
  if (!isZip(file)) return false
  // The first can still be read where the archive is cut off.
  return pickleName.test(await readFirstName(file)) || (await readZipNames(file)).some((name) => pickleName.test(name))
}

async function read(file: OpenFile): Promise<Contents> {
  const { path } = file
  const entries = await readZipDirectory(file, (names) => refuseScript(path, names))
  const pickle = findPickle(path, entries)
  const root = pickle.name.slice(0, -'data.pkl'.length)
  const order = entries.get(`${root}byteorder`)
  if (order && latin1(await readChecked(file, order, 16)) !== 'little')
    throw new UserError(`${path} holds its numbers in big-endian order, which is not read; save it on another machine.`)
  const { value, end } = readTorchPickle(await readChecked(file, pickle, mostPickleBytes), path, (key, byteLength) => {
    const entry = entries.get(`${root}data/${key}`)
    if (!entry) throw new GlobalRefusal(`is of the storage ${quote(key)}, which the archive does not hold`)
    if (entry.size !== byteLength)
      throw new GlobalRefusal(`is of a storage of ${byteLength} bytes, but ${quote(entry.name)} has ${entry.size}`)
    return entry.position
  })
  if (end !== pickle.size) throw new UserError(`${path}: ${quote(pickle.name)} goes on behind the end of its pickle.`)
  return readTorchContents(file, value)
}

/** Before its entries are looked at: TorchScript packs its code, and that would be said instead. */
function refuseScript(path: string, names: readonly string[]): void {
  if (names.some((name) => scriptName.test(name)))
    throw new UserError(
      `${path} is a TorchScript archive, which holds code; nothing in it was run: save its weights alone, with torch.save(torch.jit.load(path).state_dict(), "weights.pth").`
    )
}

/** The one `data.pkl`: with two of them, one could be shown to those who look and another to those who open. */
function findPickle(path: string, entries: ReadonlyMap<string, ZipEntry>): ZipEntry {
  const found = [...entries.values()].filter(({ name }) => /(^|\/)data\.pkl$/i.test(name))
  const [pickle] = found
  if (pickle && found.length === 1 && pickleName.test(pickle.name)) return pickle
  const names = found.slice(0, 3).map(({ name }) => quote(name))
  throw new UserError(`${path} must hold one data.pkl, in a folder, but holds ${names.join(' and ') || 'none'}.`)
}

/** A small entry whole. Its check sum is compared; those of the weights are not, as that takes longer than to read them. */
async function readChecked(
  file: OpenFile,
  { name, position, size, crc32: sum }: ZipEntry,
  most: number
): Promise<Uint8Array> {
  if (size > most) throw new UserError(`${file.path}: ${quote(name)} holds ${size} bytes; at most ${most} are read.`)
  const bytes = await file.read(position, size)
  if (crc32(bytes) === sum) return bytes
  throw new UserError(`${file.path} is damaged: the check sum of ${quote(name)} does not match.`)
}
