import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { explainFileError } from '../../../file-errors.ts'
import type { Listing } from './format.ts'

/** What lies at a path: links are followed, hidden entries (and those of macOS) are passed over. Throws UserError. */
export async function listEntry(path: string): Promise<Listing> {
  try {
    const entry = await stat(path)
    if (!entry.isDirectory()) return { path, isFile: true, files: [], folders: [] }
    const files: string[] = []
    const folders: string[] = []
    for (const entry of await readdir(path, { withFileTypes: true })) {
      if (entry.name.startsWith('.') || entry.name === '__MACOSX') continue
      const kind = entry.isSymbolicLink() ? await stat(join(path, entry.name)).catch(() => entry) : entry
      if (kind.isDirectory()) folders.push(entry.name)
      else if (kind.isFile()) files.push(entry.name)
    }
    // By code units: the same on every machine, whatever its language.
    return { path, isFile: false, files: files.sort(), folders: folders.sort() }
  } catch (error) {
    throw explainFileError(error, path)
  }
}
