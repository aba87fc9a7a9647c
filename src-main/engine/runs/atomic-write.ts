import { mkdir, mkdtemp, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { explainWriteError } from '../../file-errors.ts'
import { writeWhole } from '../../write-whole.ts'

/** Writes a file so that it is there whole or not at all. Throws UserError (disk full, no permission). */
export async function writeAtomically(path: string, data: string | Uint8Array): Promise<void> {
  try {
    await writeWhole(path, data)
  } catch (error) {
    throw explainWriteError(error, path)
  }
}

/** Writes a new folder of files so that it is there whole or not at all: written beside its place, then renamed. */
export async function writeFolderAtomically(path: string, files: Record<string, string | Uint8Array>): Promise<void> {
  let temporary: string | null = null
  try {
    await mkdir(dirname(path), { recursive: true })
    // A name that nobody else has: what lies there is somebody's.
    temporary = await mkdtemp(join(dirname(path), `.${basename(path)}-`))
    for (const [name, data] of Object.entries(files)) await writeThrough(join(temporary, name), data)
    await rename(temporary, path)
    await syncFolder(dirname(path))
  } catch (error) {
    if (temporary) await rm(temporary, { recursive: true, force: true }).catch(() => undefined)
    throw explainWriteError(error, path)
  }
}

async function writeThrough(path: string, data: string | Uint8Array): Promise<void> {
  const file = await open(path, 'w')
  try {
    await file.writeFile(data)
    await file.sync()
  } finally {
    await file.close()
  }
}

// Makes the rename itself last; some systems don't let folders be opened, and lose nothing but that.
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => null)
  await folder?.sync().catch(() => undefined)
  await folder?.close()
}
