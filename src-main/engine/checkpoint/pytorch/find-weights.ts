import { UserError } from '../../../../src-shared/errors.ts'
import { quote, textOf, Tuple, type PickleKey, type PickleValue } from '../../pickle/values.ts'
import { TorchTensor } from './torch-values.ts'

/** The weights of a checkpoint, and what else it says. */
export type FoundWeights = {
  tensors: Map<string, TorchTensor>
  /** Short values beside them; a tensor has one element. */
  notes: Map<string, string | TorchTensor>
  remarks: string[]
}

/** Under which keys people save weights beside other things; the first that holds tensors is opened. */
const weightKeys = [
  'state_dict',
  'model_state_dict',
  'model_state',
  'model',
  'net_state_dict',
  'net',
  'network',
  'module',
  'weights',
  'params',
  'state_dict_ema',
  'model_ema',
  'ema_state_dict',
  'ema',
  'params_ema'
]
/** What is saved beside weights, and is none, though it holds tensors. */
const trainingState = /optim|sched|scaler|^opt$|^amp$|rng|callbacks|loops/i

const longestName = 1000
const mostTensors = 100_000
const longestNote = 200
const mostNotes = 100

/** The weights in what a checkpoint's pickle holds. Throws UserError where two have one name, or they are too many. */
export function findWeights(path: string, root: PickleValue): FoundWeights {
  const holds = tensorHolders()
  const found: FoundWeights = { tensors: new Map(), notes: new Map(), remarks: [] }
  let weights = root
  while (weights instanceof Map) {
    const dict: ReadonlyMap<PickleKey, PickleValue> = weights
    for (const [key, value] of dict) addNote(found.notes, key, value)
    const chosen = weightKeys.find((key) => dict.get(key) instanceof Map && holds(dict.get(key)!))
    if (chosen === undefined) break
    const left = [...dict].filter(
      ([key, value]) => key !== chosen && isDict(value) && !isTrainingState(key) && holds(value)
    )
    if (left.length > 0) {
      const names = left.slice(0, 5).map(([key]) => quote(String(key)))
      found.remarks.push(`Its weights are those in ${quote(chosen)}; left out: ${names.join(', ')}.`)
    }
    weights = dict.get(chosen)!
  }
  const isOpened = (key: PickleKey, value: PickleValue) =>
    holds(value) && (weights !== root || value instanceof TorchTensor || !isTrainingState(key))
  for (const [name, tensor] of flatten(weights, '', isOpened)) {
    if (name.length > longestName)
      throw new UserError(`${path} has a tensor with a name of ${name.length} characters: ${quote(name)}.`)
    if (found.tensors.has(name)) throw new UserError(`${path} has the tensor ${quote(name)} twice.`)
    if (found.tensors.size >= mostTensors) throw new UserError(`${path} names more than ${mostTensors} tensors.`)
    found.tensors.set(name, tensor)
  }
  for (const name of found.tensors.keys()) found.notes.delete(name)
  return found
}

const isDict = (value: PickleValue) => value instanceof Map
const isTrainingState = (key: PickleKey) => typeof key === 'string' && trainingState.test(key)

/** The values of a dict, a list or a tuple by their keys. */
function childrenOf(value: PickleValue): Iterable<[PickleKey, PickleValue]> {
  if (value instanceof Map) return value
  if (Array.isArray(value)) return value.entries()
  return value instanceof Tuple ? value.items.entries() : []
}

/** Tells whether a value is a tensor or holds one, however deep; each container is looked through once. */
function tensorHolders(): (value: PickleValue) => boolean {
  const known = new Map<PickleValue, boolean>()
  return function holds(value) {
    if (value === null || typeof value !== 'object') return false
    if (value instanceof TorchTensor) return true
    let isHolder = known.get(value)
    if (isHolder === undefined) {
      isHolder = false
      for (const [, child] of childrenOf(value)) if (holds(child)) isHolder = true
      known.set(value, isHolder)
    }
    return isHolder
  }
}

/** The tensors in nested dicts and lists, with the keys that lead to them joined by dots. */
function* flatten(
  value: PickleValue,
  name: string,
  isOpened: (key: PickleKey, value: PickleValue) => boolean
): Generator<[string, TorchTensor], undefined> {
  if (value instanceof TorchTensor) yield [name || 'tensor', value]
  for (const [key, child] of childrenOf(value))
    if (isOpened(key, child)) yield* flatten(child, name ? `${name}.${String(key)}` : String(key), isOpened)
}

function addNote(notes: FoundWeights['notes'], key: PickleKey, value: PickleValue): void {
  const name = String(key)
  if (notes.size >= mostNotes || notes.has(name) || name.length > longestNote) return
  if (value instanceof TorchTensor && value.count === 1) notes.set(name, value)
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') notes.set(name, `${value}`)
  const text = value instanceof Uint8Array && value.length > longestNote ? null : textOf(value)
  if (text !== null && text.length <= longestNote) notes.set(name, text)
}
