import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../../src-shared/errors.ts'
import { explainFileError, explainWriteError } from '../../file-errors.ts'
import { writeAtomically } from '../runs/atomic-write.ts'
import { lockRun } from '../runs/run-lock.ts'
import { isRecent, recordSchema, type LibraryRecord } from './records.ts'

/** What lies beside a run in the trash: its folder's name, and what the user had said of it. */
const noteSchema = z.object({ name: z.string().min(1), record: recordSchema.nullable() })

/** Runs that were deleted, each in a folder `<id>-<time>`: the run's own folder as `run`, and `item.json`. */
export type Trash = {
  /** Moves a run's folder here. Throws UserError while a process trains in it. */
  take(id: string, folder: string, record: LibraryRecord | null): Promise<void>
  /** Moves the run that was last deleted under an id back; null where there is none. Throws UserError where its place is taken. */
  giveBack(id: string): Promise<{ name: string; record: LibraryRecord | null } | null>
  /** Removes for good what has lain here for 30 days. */
  purge(): Promise<void>
}

const entryPattern = /^([0-9a-f]{16})-(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})(\d{3})Z$/
/** How systems refuse to rename a folder to where something lies; an empty folder is no loss. */
const takenCodes = ['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EPERM']

export function createTrash(trash: string, runs: string): Trash {
  const entries = async () => {
    const names = await readdir(trash).catch(() => [])
    return names.filter((name) => entryPattern.test(name)).sort()
  }
  return {
    async take(id, folder, record) {
      const unlock = await lockRun(folder)
      let entry: string
      try {
        entry = await makeEntry(trash, id)
      } catch (error) {
        await unlock()
        throw explainWriteError(error, trash)
      }
      try {
        await writeAtomically(join(entry, 'item.json'), JSON.stringify({ name: basename(folder), record }))
        await rename(folder, join(entry, 'run'))
      } catch (error) {
        await rm(entry, { recursive: true, force: true }).catch(() => undefined)
        await unlock()
        throw explainMove(error, folder, trash)
      }
      await rm(join(entry, 'run', 'lock.json'), { force: true }).catch(() => undefined)
    },

    async giveBack(id) {
      const last = (await entries()).findLast((name) => name.startsWith(`${id}-`))
      if (!last) return null
      const entry = join(trash, last)
      const note = await readNote(join(entry, 'item.json'))
      const target = join(runs, note.name)
      try {
        await mkdir(runs, { recursive: true })
        await rename(join(entry, 'run'), target)
      } catch (error) {
        if (takenCodes.includes(String((error as NodeJS.ErrnoException).code)))
          throw new UserError(`${target} is taken by another run; delete that one first, then bring this one back.`)
        throw explainMove(error, join(entry, 'run'), runs)
      }
      await rm(entry, { recursive: true, force: true }).catch(() => undefined)
      return note
    },

    async purge() {
      for (const name of await entries()) {
        const [, , year, month, day, hours, minutes, seconds, ms] = entryPattern.exec(name)!
        const deletedAt = `${year}-${month}-${day}T${hours}:${minutes}:${seconds}.${ms}Z`
        if (!isRecent(deletedAt)) await rm(join(trash, name), { recursive: true, force: true })
      }
    }
  }
}

/** Makes a new folder for what is deleted now; the names of an item sort by time. */
async function makeEntry(trash: string, id: string): Promise<string> {
  await mkdir(trash, { recursive: true })
  for (let time = Date.now(); ; time++) {
    const entry = join(trash, `${id}-${new Date(time).toISOString().replace(/[-:.]/g, '')}`)
    try {
      await mkdir(entry)
      return entry
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

async function readNote(path: string): Promise<z.infer<typeof noteSchema>> {
  try {
    const note = noteSchema.parse(JSON.parse(await readFile(path, 'utf8')))
    if (basename(note.name) !== note.name || note.name === '.' || note.name === '..') throw new Error('no name')
    return note
  } catch (error) {
    if (error instanceof Error && 'code' in error) throw explainFileError(error, path)
    throw new UserError(`${path} is damaged; move the folder "run" beside it back by hand.`)
  }
}

function explainMove(error: unknown, from: string, to: string): UserError {
  if ((error as NodeJS.ErrnoException).code === 'EXDEV')
    return new UserError(`${from} lies on another disk than ${to}; move it by hand.`)
  return explainWriteError(error, from)
}
