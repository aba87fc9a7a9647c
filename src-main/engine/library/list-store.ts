import { mkdir, readFile, rename, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../../src-shared/errors.ts'
import { explainFileError } from '../../file-errors.ts'
import { writeAtomically } from '../runs/atomic-write.ts'
import { withFileLock } from './file-lock.ts'

/** A JSON file of the lab, a list of things with keys, that several processes may change. */
export type ListStore<T> = {
  /** What the file holds, as far as it can be understood. */
  read(): Promise<Map<string, T>>
  /** Changes the things in place; nobody else's change gets lost. Throws UserError where the file cannot be written. */
  update<R>(change: (items: Map<string, T>) => R): Promise<R>
}

export type ListStoreOptions<T> = {
  path: string
  item: z.ZodType<T>
  keyOf(item: T): string
  /** Leaves out what is too much, before each writing. */
  withinBounds(items: T[]): T[]
  /** Is told once, in a sentence, that the file is damaged. */
  warn(sentence: string): void
  mostBytes?: number
}

const fileSchema = z.object({ version: z.literal(1), items: z.array(z.unknown()) })
type Understood<T> = { items: Map<string, T>; isWhole: boolean }

/**
 * Opens a store; the file is read anew each time, for other processes write it too. A damaged file is never fatal: what
 * can be understood counts, and the file is set aside before it is written again.
 */
export function createListStore<T>(options: ListStoreOptions<T>): ListStore<T> {
  const { path, item, keyOf, withinBounds, warn, mostBytes = 64 * 2 ** 20 } = options
  let hasWarned = false

  async function load(): Promise<Understood<T>> {
    const { items, isWhole } = await readFileOf(path, mostBytes).then(understand).catch(unreadable)
    if (!isWhole && !hasWarned) {
      hasWarned = true
      warn(`${path} is damaged; what can be read of it is used, and the file is set aside at the next change.`)
    }
    return { items, isWhole }
  }
  function understand(text: string): Understood<T> {
    const file = fileSchema.parse(JSON.parse(text))
    const items = new Map<string, T>()
    for (const value of file.items) {
      const { success, data } = item.safeParse(value)
      if (success) items.set(keyOf(data), data)
    }
    return { items, isWhole: items.size === file.items.length }
  }
  function unreadable(error: unknown): Understood<T> {
    const { code } = error as NodeJS.ErrnoException
    // One that can't be read at this moment is not damaged, and must not be replaced by an empty one.
    if (code !== undefined && code !== 'ENOENT') throw explainFileError(error, path)
    return { items: new Map(), isWhole: code === 'ENOENT' }
  }

  return {
    read: async () => (await load()).items,
    update: async (change) => {
      // Where that fails, the writing says why.
      await mkdir(dirname(path), { recursive: true }).catch(() => undefined)
      return withFileLock(path, async () => {
        const { items, isWhole } = await load()
        const result = change(items)
        const text = `${JSON.stringify({ version: 1, items: withinBounds([...items.values()]) })}\n`
        if (Buffer.byteLength(text) > mostBytes)
          throw new UserError(`${path} would be larger than ${Math.round(mostBytes / 2 ** 20)} MB; delete some notes.`)
        if (!isWhole) await setAside(path)
        await writeAtomically(path, text)
        hasWarned = false
        return result
      })
    }
  }
}

async function readFileOf(path: string, mostBytes: number): Promise<string> {
  const entry = await stat(path)
  if (!entry.isFile() || entry.size > mostBytes) throw new UserError(`${path} is not a file of the lab.`)
  return readFile(path, 'utf8')
}

/** Nothing that a person wrote is thrown away: it may be mended by hand. */
async function setAside(path: string): Promise<void> {
  const stamp = new Date().toISOString().replace(/[-:.]/g, '')
  await rename(path, `${path}.damaged-${stamp}`).catch((error: unknown) => {
    throw explainFileError(error, path)
  })
}
