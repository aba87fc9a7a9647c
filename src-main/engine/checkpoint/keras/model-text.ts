import { objectOf, parseJson, type Json, type JsonObject } from './json.ts'
import { readModelConfig, type ModelConfig } from './model-config.ts'
import type { Refuse } from './refuse.ts'

/** A configuration of 1,000 layers is 2 MB long. */
export const longestText = 16 * 2 ** 20

/** A JSON text as an object. Throws by `refuse`: `what` begins the sentence, for instance `its configuration`. */
export function parseObject(text: string, what: string, refuse: Refuse): JsonObject {
  if (text.length > longestText)
    throw refuse(`${what} is ${text.length} characters long; at most ${longestText} are read`)
  let value: Json
  try {
    value = parseJson(text)
  } catch (error) {
    throw error instanceof SyntaxError ? refuse(`${what} ${error.message}`) : error
  }
  const object = objectOf(value)
  if (!object) throw refuse(`${what} is not an object`)
  return object
}

/** A model's configuration from its text. Throws by `refuse`. */
export const parseModelText = (text: string, refuse: Refuse): ModelConfig =>
  readModelConfig(parseObject(text, "its model's configuration", refuse), refuse)
