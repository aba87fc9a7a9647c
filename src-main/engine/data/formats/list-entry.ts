import type { Stats } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { isAbsolute, join, relative, sep } from 'node:path'
import { explainFileError } from '../../../file-errors.ts'
import type { Listing } from './format.ts'

/**
 * What lies at a path. Hidden entries (and those of macOS) are passed over, and links that lead out of `root`, the data
 * set's folder, or to nothing: whoever may name the folder need not be allowed to open what they lead to. Throws UserError.
 */
export async function listEntry(path: string, root = path): Promise<Listing> {
  try {
    const entry = await stat(path)
    if (!entry.isDirectory()) return { path, isFile: true, files: [], folders: [] }
    const files: string[] = []
    const folders: string[] = []
    const realRoot = await realpath(root)
    for (const entry of await readdir(path, { withFileTypes: true })) {
      if (entry.name.startsWith('.') || entry.name === '__MACOSX') continue
      const kind = entry.isSymbolicLink() ? await followWithin(realRoot, join(path, entry.name)) : entry
      if (!kind) continue
      if (kind.isDirectory()) folders.push(entry.name)
      else if (kind.isFile()) files.push(entry.name)
    }
    // By code units: the same on every machine, whatever its language.
    return { path, isFile: false, files: files.sort(), folders: folders.sort() }
  } catch (error) {
    throw explainFileError(error, path)
  }
}

/** What a link leads to; null where that is outside the folder, or nothing. */
async function followWithin(root: string, link: string): Promise<Stats | null> {
  try {
    const target = await realpath(link)
    const way = relative(root, target)
    return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way) ? null : await stat(target)
  } catch {
    return null
  }
}
