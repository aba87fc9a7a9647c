/** Bytes that are no frame of ours, or a message that cannot be made into one. */
export class FrameError extends Error {
  override readonly name = 'FrameError'
}

const arrayKinds = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array
} as const
type ArrayKind = keyof typeof arrayKinds
type Path = (string | number)[]
/** Where in the header the array stands (null there; the path begins with `message`), its kind, and its elements. */
type ArrayEntry = [path: Path, kind: ArrayKind, length: number]

const alignment = 8
const align = (offset: number): number => Math.ceil(offset / alignment) * alignment
/** Levels of a message; ours have ten or so. */
const deepest = 64
/** Values of a message: a report of ten checkpoints has a million. */
const mostValues = 10_000_000

/**
 * A message as one binary frame: the length of the header (uint32, little-endian), the header as JSON, then the raw
 * typed arrays of the message, each from a multiple of 8 on. In the JSON, numbers that are not finite become null.
 * Throws FrameError for what JSON can't hold (a BigInt, a cycle).
 */
export function encodeFrame(message: unknown): Uint8Array<ArrayBuffer> {
  const found: { entry: ArrayEntry; view: ArrayBufferView }[] = []
  collectArrays(message, ['message'], found)
  const header = new TextEncoder().encode(headerText(message, found))
  let end = 4 + header.length
  const offsets = found.map(({ view }) => {
    const offset = align(end)
    end = offset + view.byteLength
    return offset
  })
  const frame = new Uint8Array(end)
  new DataView(frame.buffer).setUint32(0, header.length, true)
  frame.set(header, 4)
  for (const [i, { view }] of found.entries())
    frame.set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength), offsets[i]!)
  return frame
}

function headerText(message: unknown, found: { entry: ArrayEntry }[]): string {
  // `this` and not the value: Node's Buffer has a toJSON that has been called by then.
  function withoutArrays(this: Record<string, unknown>, key: string, value: unknown): unknown {
    return ArrayBuffer.isView(this[key]) ? null : value
  }
  const header = { message, arrays: found.map(({ entry }) => entry) }
  try {
    return JSON.stringify(header, found.length > 0 ? withoutArrays : undefined)
  } catch (error) {
    throw new FrameError(`The message cannot be sent: ${(error as Error).message}`, { cause: error })
  }
}

function collectArrays(value: unknown, path: Path, found: { entry: ArrayEntry; view: ArrayBufferView }[]): void {
  if (typeof value !== 'object' || value === null) return
  if (ArrayBuffer.isView(value)) {
    const kind = (value as { [Symbol.toStringTag]?: string })[Symbol.toStringTag] ?? ''
    if (!isArrayKind(kind)) throw new FrameError(`The message cannot be sent: it holds a ${kind || 'strange view'}.`)
    found.push({ entry: [[...path], kind, (value as Uint8Array).length], view: value })
    return
  }
  if (path.length > deepest) throw new FrameError(`The message cannot be sent: it has more than ${deepest} levels.`)
  // Rows of numbers are the bulk of every report.
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) return
  const fields: Iterable<[string | number, unknown]> = Array.isArray(value) ? value.entries() : Object.entries(value)
  for (const [key, field] of fields) {
    path.push(key)
    collectArrays(field, path, found)
    path.pop()
  }
}

const isArrayKind = (kind: string): kind is ArrayKind => Object.hasOwn(arrayKinds, kind)

/** The message in a frame, its typed arrays copied to memory of their own. Throws FrameError, and nothing else. */
export function decodeFrame(frame: Uint8Array): unknown {
  const refuse = (what: string): never => {
    throw new FrameError(`These ${frame.length} bytes are no frame: ${what}.`)
  }
  if (frame.length < 4) return refuse('they are too short')
  const headerLength = new DataView(frame.buffer, frame.byteOffset).getUint32(0, true)
  if (headerLength > frame.length - 4) return refuse(`the header would have ${headerLength} bytes`)
  const text = frame.subarray(4, 4 + headerLength)
  const excess = findExcess(text)
  if (excess) return refuse(excess)
  let header: unknown
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text))
  } catch {
    return refuse('the header is not JSON')
  }
  if (!isRecord(header) || !Object.hasOwn(header, 'message') || !Array.isArray(header.arrays))
    return refuse('the header lacks its message or its arrays')
  let end = 4 + headerLength
  for (const entry of header.arrays as unknown[]) {
    if (!isArrayEntry(entry)) return refuse('an array is described wrongly')
    const [path, kind, length] = entry
    const offset = align(end)
    end = offset + length * arrayKinds[kind].BYTES_PER_ELEMENT
    if (end > frame.length) return refuse(`${length} elements of ${kind} do not fit`)
    const place = findPlace(header, path)
    if (!place) return refuse('an array has no place in the message')
    const value = new arrayKinds[kind](new Uint8Array(frame.subarray(offset, end)).buffer)
    // Plain assignment would follow a key `__proto__`.
    Object.defineProperty(place, path.at(-1)!, { value, writable: true, enumerable: true, configurable: true })
  }
  return end === frame.length ? header.message : refuse('bytes are left over')
}

/** The object or array that holds the null which an array replaces. */
function findPlace(header: Record<string, unknown>, path: Path): object | undefined {
  let place: unknown = header
  for (const key of path.slice(0, -1)) {
    if (!isContainer(place) || !Object.hasOwn(place, key)) return undefined
    place = place[key]
  }
  const last = path.at(-1)!
  return isContainer(place) && Object.hasOwn(place, last) && place[last] === null ? place : undefined
}

/** What is too much about a JSON text, found before anything is made of it. */
function findExcess(text: Uint8Array): string | undefined {
  let depth = 0
  let values = 0
  let isInString = false
  for (let at = 0; at < text.length; at++) {
    const byte = text[at]
    if (isInString) {
      if (byte === 0x5c) at++
      else if (byte === 0x22) isInString = false
    } else if (byte === 0x22) isInString = true
    else if (byte === 0x2c) values++
    else if (byte === 0x5b || byte === 0x7b) {
      values++
      // The header itself is one level more.
      if (++depth > deepest + 1) return `the header has more than ${deepest} levels`
    } else if (byte === 0x5d || byte === 0x7d) depth--
  }
  return values > mostValues ? `the header holds more than ${mostValues} values` : undefined
}

function isArrayEntry(entry: unknown): entry is ArrayEntry {
  if (!Array.isArray(entry) || entry.length !== 3) return false
  const [path, kind, length] = entry as unknown[]
  const isPath =
    Array.isArray(path) &&
    path[0] === 'message' &&
    path.every((key) => typeof key === 'string' || Number.isInteger(key))
  return isPath && typeof kind === 'string' && isArrayKind(kind) && Number.isSafeInteger(length) && Number(length) >= 0
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isContainer(value: unknown): value is Record<string | number, unknown> {
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)
}
