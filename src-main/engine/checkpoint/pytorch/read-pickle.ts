import { GlobalRefusal } from '../../pickle/globals.ts'
import type { PickleLimits } from '../../pickle/limits.ts'
import { describeValue, GlobalName, quote, textOf, Tuple, type PickleValue } from '../../pickle/values.ts'
import { unpickleAt } from '../../pickle/unpickle.ts'
import { explainGlobal, torchGlobals } from './torch-globals.ts'
import { storageTypes, TorchStorage, type TorchType } from './torch-values.ts'

/** Of pickles in a checkpoint: what describes the tensors, not their values. */
export const mostPickleBytes = 64 * 2 ** 20
const limits: Partial<PickleLimits> = { bytes: mostPickleBytes }

/** Where a storage's bytes lie: position and size; null where only later bytes say. Throws GlobalRefusal where there are none. */
export type PlaceStorage = (key: string, byteLength: number) => number | null

export type TorchPickle = { value: PickleValue; end: number; storages: ReadonlyMap<string, TorchStorage> }

/** Reads one pickle of a PyTorch checkpoint, with the storages that it names. Throws UserError. */
export function readTorchPickle(bytes: Uint8Array, name: string, place: PlaceStorage): TorchPickle {
  const storages = new Map<string, TorchStorage>()
  const persistentLoad = (id: PickleValue) => loadStorage(id, storages, place)
  const { value, end } = unpickleAt(bytes, {
    name,
    globals: torchGlobals,
    persistentLoad,
    limits,
    explain: explainGlobal
  })
  return { value, end, storages }
}

/** `('storage', class, key, location, elements)`, in old files with `(key, offset, elements)` of a part or None behind. */
function loadStorage(id: PickleValue, storages: Map<string, TorchStorage>, place: PlaceStorage): TorchStorage {
  const items = id instanceof Tuple ? id.items : []
  const [kind, storageClass, keyValue, location, elements, part = null] = items
  const type = storageClass instanceof GlobalName ? storageTypes.get(storageClass.key) : undefined
  const key = textOf(keyValue)
  if (textOf(kind) !== 'storage' || items.length < 5 || items.length > 6 || textOf(location) === null || key === null)
    throw new GlobalRefusal(`is not that of a storage, but ${describeValue(id)}`)
  if (type === undefined) throw new GlobalRefusal(`is of ${describeValue(storageClass)}, which is not a storage`)
  const byteLength = bytesOf(elements, type)
  const known = storages.get(key)
  if (known && (known.type !== type || known.byteLength !== byteLength))
    throw new GlobalRefusal(`is of the storage ${quote(key)}, which had another type or size before`)
  const storage = known ?? new TorchStorage(key, type, byteLength, place(key, byteLength))
  storages.set(key, storage)
  return part === null ? storage : partOf(storage, part)
}

/** A storage within another, as PyTorch wrote it before version 0.4. */
function partOf(storage: TorchStorage, part: PickleValue): TorchStorage {
  const [key, offset, elements] = part instanceof Tuple ? part.items : []
  const name = textOf(key)
  const from = bytesOf(offset, storage.type)
  const byteLength = bytesOf(elements, storage.type)
  if (name === null || !(from + byteLength <= storage.byteLength))
    throw new GlobalRefusal(`is of a part that goes beyond its storage ${quote(storage.key)}`)
  return new TorchStorage(name, storage.type, byteLength, null, { of: storage, offset: from })
}

function bytesOf(elements: PickleValue | undefined, type: TorchType | null): number {
  if (typeof elements !== 'number' || !Number.isSafeInteger(elements) || elements < 0)
    throw new GlobalRefusal(`is of ${describeValue(elements)} elements`)
  return elements * (type?.bytes ?? 1)
}
