import { createHash } from 'node:crypto'
import { mkdir, readFile, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { classNamesSchema, preprocessingSchema } from '../../../src-shared/preprocessing.ts'
import { namedArchitectureSchema } from '../../../src-shared/run-config.ts'
import { datasetHome } from '../data/dataset-home.ts'
import { writeAtomically } from '../runs/atomic-write.ts'
import { architecturesPath } from './recognition/architectures.ts'

/** What a person has said of a checkpoint: kept in a file beside it, never in it. */
const besideSchema = z.object({
  schemaVersion: z.literal(1),
  /** How images become its input; null where nobody said. */
  preprocessing: preprocessingSchema.nullable(),
  /** Names of its classes, in its order; null where nobody said. */
  classes: classNamesSchema.nullable(),
  /** Which network its tensors are; absent in older notes, null where nobody said. */
  architecture: namedArchitectureSchema.nullable().optional().catch(undefined)
})
export type Beside = z.infer<typeof besideSchema>

/** The file that is kept beside a checkpoint's. */
export const besidePath = (file: string): string => `${file}.autodidact.json`

const mostBytes = 16 * 2 ** 20

/**
 * Where the lab keeps it for a checkpoint whose folder can't be written. By the path, as the file beside it is: what is
 * put in its place later is taken for the same.
 */
const labPath = (file: string): string =>
  join(datasetHome(), 'checkpoints', `${createHash('sha256').update(resolve(file)).digest('hex').slice(0, 32)}.json`)

/** What was said of the checkpoint in `file`; null where nothing was. A damaged or foreign note counts as none. */
export async function readBeside(file: string): Promise<Beside | null> {
  return (await findBeside(file))?.note ?? null
}

/** The same, and where it was written. */
export async function findBeside(file: string): Promise<{ note: Beside; path: string } | null> {
  for (const path of [besidePath(file), labPath(file)]) {
    const note = await readNote(path)
    if (note) return { note, path }
  }
  return null
}

async function readNote(path: string): Promise<Beside | null> {
  try {
    // Asked before opening: to open a pipe is to wait for somebody who writes into it.
    const entry = await stat(path)
    if (!entry.isFile() || entry.size > mostBytes) return null
    return besideSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return null
  }
}

/** Changes with what is said of the checkpoint in `file`, or of all with its tensors: what is made of it is to be made anew. */
export async function stampOfBeside(file: string): Promise<string> {
  const stamps = [besidePath(file), labPath(file), architecturesPath()].map((path) =>
    stat(path).then(
      ({ size, mtimeMs, ino }) => `${size} ${mtimeMs} ${ino}`,
      () => ''
    )
  )
  return (await Promise.all(stamps)).join(' ')
}

/** Where what was said was written; `isInLab` where the checkpoint's folder can't be written. */
export type Written = { path: string; isInLab: boolean }

/**
 * Changes what is kept beside a checkpoint's file; where its folder can't be written, it holds for this lab. Throws
 * UserError where neither can be written.
 */
export async function writeBeside(file: string, change: Partial<Omit<Beside, 'schemaVersion'>>): Promise<Written> {
  const before = (await readBeside(file)) ?? { preprocessing: null, classes: null }
  const next: Beside = { ...before, ...change, schemaVersion: 1 }
  const text = `${JSON.stringify(next, null, 2)}\n`
  const inLab = labPath(file)
  try {
    await writeAtomically(besidePath(file), text)
    // An older one would come to light again where the file beside is deleted.
    await rm(inLab, { force: true }).catch(() => undefined)
    return { path: besidePath(file), isInLab: false }
  } catch (error) {
    if (!isRefused(error)) throw error
    await mkdir(dirname(inLab), { recursive: true }).catch(() => undefined)
    await writeAtomically(inLab, text)
    return { path: inLab, isInLab: true }
  }
}

/** Puts a note beside a file that has just been written, in place of what was said of the file that lay there before. */
export async function replaceBeside(file: string, note: Beside | null): Promise<void> {
  await rm(besidePath(file), { force: true })
  await rm(labPath(file), { force: true })
  if (note) await writeBeside(file, note)
}

/** True where it is the folder that refuses, not the disk that is full. */
function isRefused(error: unknown): boolean {
  const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException
  return code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENAMETOOLONG'
}
