import { UserError } from '../../../../src-shared/errors.ts'
import { quote } from '../../pickle/values.ts'
import { readOutputName } from './output-names.ts'

const longestName = 200

/** The names of classes among a file's notes: a JSON list, or texts with commas between; empty where there are none. */
export function classNamesIn(path: string, notes: ReadonlyMap<string, string>, classes: number): string[] {
  for (const [key, text] of notes) {
    if (readOutputName(key)?.role !== 'classes') continue
    const names = listIn(text)
    if (names.length !== classes)
      throw new UserError(`${path}: ${quote(key)} names ${names.length} classes, but the logits are of ${classes}.`)
    return names.map((name) => name.slice(0, longestName))
  }
  return []
}

function listIn(text: string): string[] {
  try {
    const list: unknown = JSON.parse(text)
    if (Array.isArray(list)) return list.map(String)
  } catch {
    // Not JSON: a plain list.
  }
  return text.split(',').map((name) => name.trim())
}
