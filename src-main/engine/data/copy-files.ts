import { randomUUID } from 'node:crypto'
import { cp, lstat, mkdir, readdir, realpath, rename, rm } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { UsageError, UserError } from '../../../src-shared/errors.ts'
import { explainFileError, explainWriteError } from '../../file-errors.ts'

/** What no format reads. */
const isPassedOver = (name: string) => name.startsWith('.') || name === '__MACOSX'

/**
 * Throws where a data set can't be copied into the lab in `home`: UsageError where it holds the lab itself, UserError where
 * it holds a link (or a pipe), which would be missing in the copy.
 */
export async function requireCopyable(home: string, source: string): Promise<void> {
  const way = relative(source, await realPlaceOf(resolve(home)))
  if (!(way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)))
    throw new UsageError(`${source} holds the lab's own folder; it can't be copied into itself.`)
  const left = await firstLeftOut(source).catch((error: unknown) => {
    throw explainFileError(error, source)
  })
  if (left !== null)
    throw new UserError(
      `${left} is a link or no plain file, which is not copied; put the file itself there, or add the data set without a copy.`
    )
}

/** The path with its links followed, as far as it exists. */
async function realPlaceOf(path: string): Promise<string> {
  const parent = dirname(path)
  return realpath(path).catch(async () => (parent === path ? path : join(await realPlaceOf(parent), basename(path))))
}

/** What is neither a folder nor a file, the first one; null where there is none. */
async function firstLeftOut(path: string): Promise<string | null> {
  if (!(await lstat(path)).isDirectory()) return null
  const entries = await readdir(path, { withFileTypes: true })
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (isPassedOver(entry.name)) continue
    const below = join(path, entry.name)
    if (!entry.isDirectory() && !entry.isFile()) return below
    const found = entry.isDirectory() ? await firstLeftOut(below) : null
    if (found !== null) return found
  }
  return null
}

/**
 * Copies a folder's files (or one file) to the folder `target`, whole or not at all; hidden files, and what is no file, are
 * left out. Gives the target. Throws UserError.
 */
export async function copyFiles(target: string, source: string): Promise<string> {
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID().slice(0, 8)}.tmp`)
  try {
    if (await lstat(target).catch(() => null))
      throw new UserError(`${target} is there already, without being in the list; move it away first.`)
    await mkdir(temporary, { recursive: true })
    const isFolder = (await lstat(source)).isDirectory()
    await cp(source, isFolder ? temporary : join(temporary, basename(source)), {
      recursive: true,
      filter: async (from) => {
        if (from !== source && isPassedOver(basename(from))) return false
        const entry = await lstat(from)
        return entry.isDirectory() || entry.isFile()
      }
    })
    await rename(temporary, target)
    return target
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined)
    throw explainWriteError(error, target)
  }
}
