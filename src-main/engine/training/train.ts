import { mkdir, rmdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { EngineRequest, EngineResult, Executor } from '../../../src-shared/contract.ts'
import { explainWriteError } from '../../file-errors.ts'
import type { Backend } from '../backend/backend.ts'
import { readManifest } from '../runs/run-folder.ts'
import { lockRunPatiently } from '../runs/run-lock.ts'
import { resumeRun, startRun } from './run-session.ts'
import { Training, type TrainingOptions } from './training.ts'

export type TrainOptions = TrainingOptions & {
  /** How long to wait for another process that is about to leave the run's folder; 0 by default. */
  lockPatienceMs?: number
  /** Of a new run; without it the fastest is chosen where that is worth it. */
  executor?: Executor
}

/**
 * Trains a run to its end, from the start or from its last checkpoint. Cancelling keeps a checkpoint of the moment and
 * throws CancelledError; a loss that is no longer a number throws UserError and keeps the last good checkpoint.
 */
export async function train(
  backend: Backend,
  { out, config }: EngineRequest<'train'>,
  options: TrainOptions = {}
): Promise<EngineResult<'train'>> {
  // Says what is wrong with a folder that is no run, before anything is written into it.
  if (!config) await readManifest(out)
  const created = config ? await makeFolder(out) : undefined
  try {
    return await trainLocked(backend, { out, config }, options)
  } catch (error) {
    await removeEmpty(out, created)
    throw error
  }
}

async function trainLocked(
  backend: Backend,
  { out, config }: EngineRequest<'train'>,
  options: TrainOptions
): Promise<EngineResult<'train'>> {
  const unlock = await lockRunPatiently(out, options.lockPatienceMs ?? 0, options.signal)
  try {
    const session = config ? await startRun(backend, out, config, options) : await resumeRun(backend, out)
    try {
      return await new Training(backend, session, options).run()
    } finally {
      await session.writer.close()
    }
  } finally {
    await unlock()
  }
}

/** Makes a folder and gives the first one that was missing on the way to it. */
async function makeFolder(path: string): Promise<string | undefined> {
  try {
    return await mkdir(path, { recursive: true })
  } catch (error) {
    throw explainWriteError(error, path)
  }
}

/** After a start that was refused, the folders made for it go if they are empty: `path` and those above, up to `first`. */
async function removeEmpty(path: string, first: string | undefined): Promise<void> {
  if (first === undefined) return
  for (let folder = resolve(path); folder.startsWith(resolve(first)); folder = dirname(folder))
    await rmdir(folder).catch(() => undefined)
}
