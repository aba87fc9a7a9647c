import { readFile, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../../src-shared/errors.ts'
import { explainWriteError } from '../../file-errors.ts'

const holderSchema = z.object({ pid: z.number().int(), host: z.string() })

/**
 * Takes a run's folder for this process and gives the function that frees it. A lock whose process is gone (it was
 * killed) is taken over. Throws UserError while another process trains in the folder.
 */
export async function lockRun(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, 'lock.json')
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      await writeFile(path, JSON.stringify({ pid: process.pid, host: hostname() }), { flag: 'wx' })
      return () => rm(path, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        // On a full disk the file may be there, but empty.
        if (!(await readHolder(path))) await rm(path, { force: true }).catch(() => undefined)
        throw explainWriteError(error, path)
      }
    }
    const holder = await readHolder(path)
    if (holder && holder.host !== hostname())
      throw new UserError(
        `The run ${folder} is in use on ${JSON.stringify(holder.host)}; if that is no longer so, delete ${path}.`
      )
    if (holder && isAlive(holder.pid))
      throw new UserError(`The run ${folder} is in use by the process ${holder.pid}; wait for it, or stop it.`)
    await rm(path, { force: true })
  }
  throw new UserError(`The run ${folder} is in use by another process.`)
}

/** null where the lock is gone or half written. */
async function readHolder(path: string): Promise<z.infer<typeof holderSchema> | null> {
  try {
    return holderSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return null
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
