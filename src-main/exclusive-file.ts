import { randomUUID } from 'node:crypto'
import { link, lstat, mkdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'

/** A take-over that is older was cut off. */
const abandonedMs = 10_000

/**
 * Creates the file at `path` with all of `text`, readable by its owner only; false, and nothing done, where there is one
 * already. Of several processes that call this at once, one gets true. Throws the disk's errors.
 */
export async function createExclusively(path: string, text: string): Promise<boolean> {
  const temporary = `${path}.${randomUUID().slice(0, 8)}.tmp`
  try {
    await writeFile(temporary, text, { mode: 0o600, flag: 'wx' })
    return await linkUnlessThere(temporary, path)
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined)
  }
}

async function linkUnlessThere(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return false
    // Some disks know no links.
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS' && code !== 'EOPNOTSUPP') throw error
    if (await readFile(to).catch(() => null)) return false
    await rename(from, to)
    return true
  }
}

const isLink = (path: string): Promise<boolean> =>
  lstat(path).then(
    (entry) => entry.isSymbolicLink(),
    () => false
  )

/**
 * Takes the file away if it still holds `stale`, or, for null, if it is a link that leads nowhere. May return without
 * having done so: the caller looks again. One process at a time: between the look at a file and its removal another one
 * could have put its own in its place. A removal that was cut off is in the way for `patienceMs`.
 */
export async function removeStale(path: string, stale: string | null, patienceMs = abandonedMs): Promise<void> {
  const turn = `${path}.takeover`
  try {
    await mkdir(turn)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const since = await stat(turn).then(
      ({ mtimeMs }) => mtimeMs,
      () => Date.now()
    )
    if (Date.now() - since > patienceMs) await rmdir(turn).catch(() => undefined)
    else await setTimeout(20)
    return
  }
  try {
    const isStill = (await readFile(path, 'utf8').catch(() => null)) === stale
    if (isStill && (stale !== null || (await isLink(path)))) await rm(path, { force: true })
  } finally {
    await rmdir(turn).catch(() => undefined)
  }
}
