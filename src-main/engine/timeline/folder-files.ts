import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCheckpointEnding } from '../../../src-shared/checkpoint-endings.ts'
import { UserError } from '../../../src-shared/errors.ts'
import { explainFileError } from '../../file-errors.ts'
import type { Roots } from '../roots.ts'

/** So many checkpoints of a folder are looked at. */
export const mostFrames = 500
/** A folder with more entries than this is something else. */
const mostEntries = 10_000

const byName = new Intl.Collator('en', { numeric: true })

/** A regular file directly in a folder. */
export type FolderFile = { name: string; /** Links followed. */ path: string }
export type FolderFiles = {
  files: FolderFile[]
  /** Names of links that lead to nothing, or to where nothing may be opened. */
  refused: string[]
  /** How many there were; more than `files` where there were too many. */
  count: number
}

/**
 * The files of a folder that may be checkpoints, by name; of too many those with a checkpoint's ending, then every so
 * many of them and the last. Hidden ones are passed over. Throws UserError where the folder can't be read, or is huge.
 */
export async function listFolderFiles(folder: string, check: Roots['check']): Promise<FolderFiles> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw explainFileError(error, folder)
  })
  if (entries.length > mostEntries)
    throw new UserError(
      `${folder} holds ${entries.length} files; the lab opens folders of at most ${mostFrames} checkpoints.`
    )
  const files: FolderFile[] = []
  const refused: string[] = []
  for (const entry of entries) {
    const { name } = entry
    if (name.startsWith('.') || name.endsWith('.autodidact.json')) continue
    const path = join(folder, name)
    if (entry.isFile()) files.push({ name, path })
    else if (entry.isSymbolicLink()) {
      const target = await followLink(path, check)
      if (target === 'refused') refused.push(name)
      else if (target) files.push({ name, path: target })
    }
  }
  files.sort((a, b) => byName.compare(a.name, b.name))
  return { files: thin(files), refused, count: files.length }
}

/** Where a link to a file leads; null for one to something else. */
async function followLink(path: string, check: Roots['check']): Promise<string | 'refused' | null> {
  try {
    const target = await check(path)
    return (await stat(target)).isFile() ? target : null
  } catch {
    return 'refused'
  }
}

function thin(files: FolderFile[]): FolderFile[] {
  if (files.length <= mostFrames) return files
  const likely = files.filter(({ name }) => hasCheckpointEnding(name))
  const step = Math.ceil(likely.length / mostFrames)
  // Counted from the last one, which is what the run ended with.
  return likely.filter((_, i) => (likely.length - 1 - i) % step === 0)
}
