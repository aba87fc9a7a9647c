import { readlink, realpath } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { UserError } from '../../src-shared/errors.ts'
import { explainFileError } from '../file-errors.ts'
import { isWithin } from '../is-within.ts'
import { packageRoot } from '../package-root.ts'
import { isShippedDataset } from './data/dataset.ts'
import { findRegistered } from './data/registered.ts'

/** Where files may be opened and written. */
export type Roots = {
  /**
   * The path as the disk has it, links followed; of what does not exist yet the nearest folder that does, and the rest.
   * Use what this gives, not what was asked. Throws UserError where it leads outside the roots, or is no path at all.
   */
  check(path: string): Promise<string>
  /** A data set's name as it is, the place of one that was added checked; or the folder that it names, checked. */
  checkDataset(nameOrPath: string): Promise<string>
  /** The roots, absolute; empty where any file may be opened. */
  list: string[]
}

/** Confines paths to `roots`, the lab's home and the resources that are shipped; `roots: null` confines to nothing. */
export function createRoots({ home, roots }: { home: string; roots: string[] | null }): Roots {
  const list = (roots ?? []).map((root) => resolve(root))
  const allowed = [...list, resolve(home), join(packageRoot, 'resources')]

  async function check(path: string): Promise<string> {
    if (path === '' || path.includes('\0')) throw new UserError(`${JSON.stringify(path)} is not a path.`)
    const place = resolve(path)
    let real: string
    try {
      real = await realPathOf(place)
    } catch (error) {
      // What lies outside is not even said to exist.
      if (roots !== null && !allowed.some((folder) => isWithin(folder, place))) throw outside(path)
      throw explainFileError(error, path)
    }
    if (roots === null) return real
    // Asked every time: the home may be made later, and where a root's link leads may change.
    for (const folder of allowed) if (isWithin(await realPathOf(folder).catch(() => folder), real)) return real
    throw outside(path)
  }
  function outside(path: string): UserError {
    const folders = list.length ? list.join(' or ') : resolve(home)
    return new UserError(`${path} lies outside ${folders}; choose a file or folder in there.`)
  }
  return {
    check,
    checkDataset: async (nameOrPath) => {
      if (isShippedDataset(nameOrPath)) return nameOrPath
      const registered = await findRegistered(home, nameOrPath)
      if (!registered) return check(nameOrPath)
      await check(registered.path)
      return nameOrPath
    },
    list
  }
}

/** As many links as Linux follows on one path. */
const mostLinks = 40

async function realPathOf(path: string, links = 0): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path || links > mostLinks) throw error
  }
  // Nothing there, or a link to nothing: writing to such a link makes what it names.
  const parent = await realPathOf(dirname(path), links)
  const target = await readlink(join(parent, basename(path))).catch(() => null)
  return target === null ? join(parent, basename(path)) : realPathOf(resolve(parent, target), links + 1)
}
