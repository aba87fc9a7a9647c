import { readFile, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { z } from 'zod'
import { throwIfCancelled, UserError } from '../../../src-shared/errors.ts'
import { createExclusively, removeStale } from '../../exclusive-file.ts'
import { explainWriteError } from '../../file-errors.ts'
import { isAlive } from '../../process-alive.ts'

const holderSchema = z.object({ pid: z.number().int(), host: z.string() })

/** A run that another process is training, or a lab that another one keeps. */
export class RunInUseError extends UserError {}

const msBetweenTries = 100

/**
 * As `lockRun`, but waits up to `patienceMs` for a process that is about to end; throws CancelledError if `signal` is
 * aborted meanwhile.
 */
export async function lockRunPatiently(
  folder: string,
  patienceMs: number,
  signal?: AbortSignal
): Promise<() => Promise<void>> {
  return patiently(() => lockRun(folder), patienceMs, signal)
}

/** Takes a lab's home folder for this process, as `lockRun` does; waits up to `patienceMs`. */
export const lockHome = (home: string, patienceMs: number): Promise<() => Promise<void>> =>
  patiently(() => lockFile(join(home, 'lock.json'), `The lab ${home}`), patienceMs)

async function patiently<T>(lock: () => Promise<T>, patienceMs: number, signal?: AbortSignal): Promise<T> {
  const end = performance.now() + patienceMs
  for (;;) {
    try {
      return await lock()
    } catch (error) {
      if (!(error instanceof RunInUseError) || performance.now() >= end) throw error
    }
    throwIfCancelled(signal)
    await setTimeout(msBetweenTries)
  }
}

/**
 * Takes a run's folder for this process and gives the function that frees it. A lock whose process is gone (it was
 * killed) is taken over. Throws RunInUseError while another process trains in the folder.
 */
export const lockRun = (folder: string): Promise<() => Promise<void>> =>
  lockFile(join(folder, 'lock.json'), `The run ${folder}`)

/** How long processes that meet at a dead lock may take to agree. */
const agreeMs = 15_000

async function lockFile(path: string, what: string): Promise<() => Promise<void>> {
  const end = performance.now() + agreeMs
  try {
    while (performance.now() < end) {
      if (await createExclusively(path, JSON.stringify({ pid: process.pid, host: hostname() })))
        return () => rm(path, { force: true })
      const text = await readFile(path, 'utf8').catch(() => null)
      const holder = parseHolder(text ?? '')
      if (holder && holder.host !== hostname())
        throw new RunInUseError(
          `${what} is in use on ${JSON.stringify(holder.host)}; if that is no longer so, delete ${path}.`
        )
      if (holder && isAlive(holder.pid))
        throw new RunInUseError(`${what} is in use by the process ${holder.pid}; wait for it, or stop it.`)
      await removeStale(path, text)
    }
  } catch (error) {
    throw explainWriteError(error, path)
  }
  throw new RunInUseError(`${what} is in use by another process.`)
}

/** null where it is no lock of ours. */
function parseHolder(text: string): z.infer<typeof holderSchema> | null {
  try {
    return holderSchema.parse(JSON.parse(text))
  } catch {
    return null
  }
}

/** True while a process trains in the run's folder, or one on another machine may. */
export async function isRunLocked(folder: string): Promise<boolean> {
  const holder = parseHolder(await readFile(join(folder, 'lock.json'), 'utf8').catch(() => ''))
  return holder !== null && (holder.host !== hostname() || isAlive(holder.pid))
}
