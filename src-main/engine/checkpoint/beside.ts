import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { preprocessingSchema } from '../../../src-shared/preprocessing.ts'
import { writeAtomically } from '../runs/atomic-write.ts'

/** What a person has said of a checkpoint: kept in a file beside it, never in it. */
const besideSchema = z.object({
  schemaVersion: z.literal(1),
  /** How images become its input; null where nobody said. */
  preprocessing: preprocessingSchema.nullable(),
  /** Names of its classes, in its order; null where nobody said. */
  classes: z.array(z.string().max(200)).max(100_000).nullable()
})
export type Beside = z.infer<typeof besideSchema>

/** The file that is kept beside a checkpoint's. */
export const besidePath = (file: string): string => `${file}.autodidact.json`

const mostBytes = 16 * 2 ** 20

/** What was said of the checkpoint in `file`; null where nothing was. A damaged or foreign note counts as none. */
export async function readBeside(file: string): Promise<Beside | null> {
  try {
    const text = await readFile(besidePath(file), 'utf8')
    return text.length > mostBytes ? null : besideSchema.parse(JSON.parse(text))
  } catch {
    return null
  }
}

/** Changes what is kept beside a checkpoint's file. Throws UserError where it can't be written. */
export async function writeBeside(file: string, change: Partial<Omit<Beside, 'schemaVersion'>>): Promise<void> {
  const before = (await readBeside(file)) ?? { preprocessing: null, classes: null }
  const next: Beside = { ...before, ...change, schemaVersion: 1 }
  await writeAtomically(besidePath(file), `${JSON.stringify(next, null, 2)}\n`)
}
