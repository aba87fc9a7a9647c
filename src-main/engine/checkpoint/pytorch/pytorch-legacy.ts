import { UserError } from '../../../../src-shared/errors.ts'
import { quote, textOf, type PickleValue } from '../../pickle/values.ts'
import type { CheckpointFormat, Contents } from '../format.ts'
import type { OpenFile } from '../open-file.ts'
import { mostPickleBytes, readTorchPickle, type TorchPickle } from './read-pickle.ts'
import { readTorchContents } from './stored-tensors.ts'
import type { TorchStorage } from './torch-values.ts'

/**
 * What `torch.save` wrote until 2020, `.pth.tar` among them: pickles of a magic number, a version, the machine, the object and
 * the storages' keys, and for every key the number of elements (int64) and the elements.
 */
export const pytorchLegacy: CheckpointFormat = { name: 'pytorch-legacy', match, read }

/** LONG1 of 10 bytes, 0x1950a86a20f9469cfc6c. */
const magic = Uint8Array.of(0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19)
const version = 1001
/** Behind PROTO, and in protocol 4 and above behind FRAME. */
const magicPositions = [2, 11]

function match({ start }: OpenFile): boolean {
  return start[0] === 0x80 && magicPositions.some((at) => magic.every((byte, index) => start[at + index] === byte))
}

async function read(file: OpenFile): Promise<Contents> {
  const { value, keys, storages, end } = await readPickles(file)
  await placeStorages(file, keys, storages, end)
  return readTorchContents(file, value)
}

type Pickles = { value: PickleValue; keys: string[]; storages: TorchPickle['storages']; end: number }

/** The pickles lie in front of the weights, and nothing says how long they are: first little is read, then more. */
async function readPickles(file: OpenFile): Promise<Pickles> {
  const most = Math.min(file.size, mostPickleBytes)
  for (let length = 2 ** 18; length < most; length *= 16) {
    try {
      return parsePickles(file.path, await file.read(0, length))
    } catch (error) {
      if (!(error instanceof UserError)) throw error
    }
  }
  return parsePickles(file.path, await file.read(0, most))
}

function parsePickles(path: string, bytes: Uint8Array): Pickles {
  let at = 0
  const next = (): TorchPickle => {
    const read = readTorchPickle(bytes.subarray(at), path, () => null)
    at += read.end
    return read
  }
  next()
  const protocol = next().value
  if (protocol !== version) throw new UserError(`${path} is of version ${show(protocol)}; only ${version} is read.`)
  const machine = next().value
  if (machine instanceof Map && machine.get('little_endian') === false)
    throw new UserError(`${path} holds its numbers in big-endian order, which is not read; save it on another machine.`)
  const { value, storages } = next()
  const keys = next().value
  const names = Array.isArray(keys) ? keys.map((key) => textOf(key) ?? '') : []
  return { value, keys: names, storages, end: at }
}

const show = (value: PickleValue) => (typeof value === 'number' ? `${value}` : 'another kind')

/** Finds where each storage lies. Throws UserError where one is missing, or the file has less or more than they need. */
async function placeStorages(
  file: OpenFile,
  keys: string[],
  storages: TorchPickle['storages'],
  start: number
): Promise<void> {
  const { path } = file
  let at = start
  const open = new Map<string, TorchStorage>(storages)
  for (const key of keys) {
    const storage = open.get(key)
    if (!open.delete(key) || !storage)
      throw new UserError(`${path} is damaged: it holds a storage ${quote(key)} that nothing uses.`)
    const bytes = await file.read(at, 8)
    const count = new DataView(bytes.buffer).getBigInt64(0, true)
    const size = storage.type?.bytes ?? 1
    if (count * BigInt(size) !== BigInt(storage.byteLength))
      throw new UserError(
        `${path} is damaged: its storage ${quote(key)} has ${count} elements, but it says ${storage.byteLength / size} of it before.`
      )
    storage.position = at + 8
    at += 8 + storage.byteLength
    if (at > file.size)
      throw new UserError(`${path} is cut off or damaged: its storage ${quote(key)} goes on behind its end.`)
  }
  const [missing] = open.keys()
  if (missing !== undefined) throw new UserError(`${path} is damaged: it does not hold its storage ${quote(missing)}.`)
  if (at !== file.size) throw new UserError(`${path} goes on for ${file.size - at} bytes behind its last storage.`)
}
