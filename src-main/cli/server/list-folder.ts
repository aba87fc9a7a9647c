import { existsSync, type Dirent } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { hasCheckpointEnding } from '../../../src-shared/checkpoint-endings.ts'
import { UserError } from '../../../src-shared/errors.ts'
import type { FolderEntry } from '../../../src-shared/shell-contract.ts'
import { explainFileError } from '../../file-errors.ts'
import { isWithin } from '../../is-within.ts'

export type Listing = { path: string; parent: string | null; entries: FolderEntry[]; isCut: boolean }

const mostEntries = 1000
const byName = new Intl.Collator('en', { numeric: true })

/**
 * The real path, links followed. Throws UserError where it does not exist, or lies outside of `roots`, whose links are
 * followed as well; `roots: null` confines to nothing.
 */
export async function confine(path: string, roots: string[] | null): Promise<string> {
  if (path.includes('\0') || !isAbsolute(path)) throw new UserError(`${JSON.stringify(path)} is not an absolute path.`)
  const outside = () => new UserError(`${path} lies outside ${(roots ?? []).join(' and ')}; choose a place in there.`)
  let real: string
  try {
    real = await realpath(path)
  } catch (error) {
    // What lies outside is not even said to exist.
    if (roots && !roots.some((root) => isWithin(resolve(root), resolve(path)))) throw outside()
    throw explainFileError(error, path)
  }
  if (!roots) return real
  for (const root of roots) if (isWithin(await realpath(root).catch(() => resolve(root)), real)) return real
  throw outside()
}

/**
 * Folders, run folders and files with a checkpoint's ending (every file where `all`) of a folder (of the first root where
 * `path` is null; without roots of the user's own folder), hidden ones and links that lead out of the roots left out; at
 * most 1,000, folders first, by name.
 * Throws UserError for a folder that cannot be read or lies outside of the roots.
 */
export async function listFolder(path: string | null, roots: string[] | null, all = false): Promise<Listing> {
  const folder = await confine(path ?? roots?.[0] ?? homedir(), roots)
  let found: Dirent[]
  try {
    found = await readdir(folder, { withFileTypes: true })
  } catch (error) {
    throw explainFileError(error, path ?? folder)
  }
  const kinds = await Promise.all(found.map((entry) => kindOf(folder, entry, roots, all)))
  const shown = found.flatMap(({ name }, i) => (kinds[i] ? { name, isFile: kinds[i] === 'file' } : []))
  shown.sort((a, b) => Number(a.isFile) - Number(b.isFile) || byName.compare(a.name, b.name))
  const entries = await Promise.all(shown.slice(0, mostEntries).map(({ name }) => describeEntry(folder, name)))
  return {
    path: folder,
    parent: await parentOf(folder, roots),
    entries: entries.filter((entry) => entry !== null),
    isCut: shown.length > mostEntries
  }
}

async function parentOf(folder: string, roots: string[] | null): Promise<string | null> {
  const parent = dirname(folder)
  return parent === folder ? null : confine(parent, roots).catch(() => null)
}

/** null for what is not shown. */
async function kindOf(
  folder: string,
  entry: Dirent,
  roots: string[] | null,
  all: boolean
): Promise<'folder' | 'file' | null> {
  if (entry.name.startsWith('.')) return null
  try {
    const facts = entry.isSymbolicLink() ? await stat(await confine(join(folder, entry.name), roots)) : entry
    if (facts.isDirectory()) return 'folder'
    return facts.isFile() && (all || hasCheckpointEnding(entry.name)) ? 'file' : null
  } catch {
    return null
  }
}

/** null for what has gone meanwhile. */
async function describeEntry(folder: string, name: string): Promise<FolderEntry | null> {
  const path = join(folder, name)
  try {
    const facts = await stat(path)
    const common = { name, path, changedAt: facts.mtime.toISOString() }
    if (facts.isFile()) return { ...common, kind: 'file', bytes: facts.size }
    return { ...common, kind: existsSync(join(path, 'manifest.json')) ? 'run' : 'folder', bytes: 0 }
  } catch {
    return null
  }
}
