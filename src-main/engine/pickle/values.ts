/** A Python tuple; lists are arrays, so that the two stay apart. */
export class Tuple {
  constructor(readonly items: readonly PickleValue[]) {}
}

/** A Python object that the file names, not made by anything: a class or a function that is on the list of allowed ones. */
export class GlobalName {
  constructor(
    /** `module name`, with a space. */
    readonly key: string
  ) {}
}

/** What an allowed global made: nothing but the lab's own classes are ever instances of it. */
export abstract class MadeObject {
  /** For messages: `numpy.ndarray`. */
  abstract readonly pythonName: string
}

/** Keys of a dict. Byte strings become text (latin1), so that Python 2's keys and Python 3's are the same. */
export type PickleKey = string | number | bigint | boolean | null

/**
 * What a pickle holds. A dict is a Map (never an object: its keys are the file's), a list an array, a tuple a Tuple,
 * Python 2's `str` and Python 3's `bytes` a Uint8Array (a view of the file), an int a number, or a bigint where it is
 * beyond 2^53.
 */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | Tuple
  | Map<PickleKey, PickleValue>
  | GlobalName
  | MadeObject

/** Names, keys and words are shorter than that. */
export const longestWord = 65_536

/** The text of a str, or of bytes (at most 64 KiB) read as latin1; null where the value is neither. */
export function textOf(value: PickleValue | undefined): string | null {
  if (typeof value === 'string') return value
  return value instanceof Uint8Array && value.length <= longestWord ? latin1(value) : null
}

/** Bytes as text, one character each. */
export const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')

/** What a value is, in a word or two for a message; a number is quoted. */
export function describeValue(value: PickleValue | undefined): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'None'
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return `${value}`
  if (typeof value === 'string') return `the text ${quote(value)}`
  if (value instanceof Uint8Array) return `${value.length} bytes`
  if (value instanceof Map) return 'a dict'
  if (value instanceof Tuple) return 'a tuple'
  if (value instanceof GlobalName) return value.key.replace(' ', '.')
  return value instanceof MadeObject ? value.pythonName : 'a list'
}

/** Text of a file within quotation marks, cut where it is long, its control characters written out. */
export const quote = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
