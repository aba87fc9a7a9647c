/** What a JSON text says; an object is a Map, for its keys are the file's. */
export type Json = null | boolean | number | string | Json[] | JsonObject
export type JsonObject = ReadonlyMap<string, Json>

const deepest = 64
const mostContainers = 1_000_000

/** Reads a JSON text that nobody vouches for. Throws SyntaxError with the end of a sentence: why it can't be read. */
export function parseJson(text: string): Json {
  requireTame(text)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new SyntaxError('is no JSON, or is cut off', { cause: error })
  }
  return withMaps(value)
}

/** Lists and objects are counted before any is made. */
function requireTame(text: string): void {
  let depth = 0
  let containers = 0
  let isText = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (isText) {
      if (code === 0x5c) at++
      else if (code === 0x22) isText = false
    } else if (code === 0x22) isText = true
    else if (code === 0x5b || code === 0x7b) {
      if (++depth > deepest) throw new SyntaxError(`is nested more than ${deepest} levels deep`)
      if (++containers > mostContainers) throw new SyntaxError(`holds more than ${mostContainers} lists and objects`)
    } else if (code === 0x5d || code === 0x7d) depth--
  }
}

function withMaps(value: unknown): Json {
  if (Array.isArray(value)) return value.map(withMaps)
  if (typeof value !== 'object' || value === null) return value as Json
  return new Map(Object.entries(value).map(([key, item]) => [key, withMaps(item)]))
}

/** The value as an object; null where it is none. */
export const objectOf = (value: Json | undefined): JsonObject | null => (value instanceof Map ? value : null)

/** The value as a list; null where it is none. */
export const listOf = (value: Json | undefined): Json[] | null => (Array.isArray(value) ? value : null)

/** The value as a text; null where it is none. */
export const textOf = (value: Json | undefined): string | null => (typeof value === 'string' ? value : null)

/** The value as a count, 0 or more and exact; null where it is none. */
export const countOf = (value: Json | undefined): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null
