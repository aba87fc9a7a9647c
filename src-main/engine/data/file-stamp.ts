import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { explainFileError } from '../../file-errors.ts'
import { listEntry } from './formats/list-entry.ts'

/** Files that are looked at one by one; of further ones only their folders are: 60,000 would take a second. */
const mostFiles = 1024
/** `train`, and the classes within. */
const mostDepth = 2

/**
 * A text that is another one where a data set's files were changed: sizes and times of the files at a path and in the
 * folders below. Behind the first 1024 files, one that is written over in its place is not noticed.
 * Throws UserError.
 */
export async function stampOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  let files = 0
  async function add(entries: readonly string[]): Promise<void> {
    const found = await Promise.all(
      entries.map((entry) =>
        stat(entry).catch((error: unknown) => {
          throw explainFileError(error, entry)
        })
      )
    )
    found.forEach(({ size, mtimeMs, ctimeMs }, index) =>
      hash.update(`${entries[index]}:${size}:${mtimeMs}:${ctimeMs}\n`)
    )
  }
  async function addFolder(folder: string, depth: number): Promise<void> {
    await add([folder])
    const listing = await listEntry(folder, path)
    const looked = listing.files.slice(0, mostFiles - files)
    files += looked.length
    await add(looked.map((name) => join(folder, name)))
    if (depth === mostDepth) return
    // A folder that may not be read need not be one of the data set's; where it is, its reader says so.
    for (const name of listing.folders) await addFolder(join(folder, name), depth + 1).catch(() => undefined)
  }
  await addFolder(path, 0)
  return hash.digest('hex')
}
