import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../../src-shared/errors.ts'
import { explainFileError, explainWriteError } from '../../file-errors.ts'
import { encodeSafetensors, readSafetensors } from '../checkpoint/safetensors/safetensors-file.ts'
import { toFileTensors, toWeights } from '../checkpoint/safetensors/weights-file.ts'
import type { Weights } from '../model/weights.ts'
import { isTrainingOnly } from '../training/trained-tensors.ts'
import { writeAtomically, writeFolderAtomically } from './atomic-write.ts'
import { manifestSchema, runSchemaVersion, type Manifest } from './manifest.ts'

const progressSchema = z.object({
  /** Steps done over the whole run. */
  step: z.number().int().min(0),
  /** Epochs done whole, tested and recorded. */
  epochsDone: z.number().int().min(0),
  /** Keys of every random stream: with (seed, epoch, step) they are all the random state there is. */
  random: z.object({ seed: z.number().int(), epoch: z.number().int(), step: z.number().int() }),
  /** Of a run in float16: the loss's factor, and the steps since it last changed. */
  lossScale: z.tuple([z.number().positive(), z.number().min(0)]).optional()
})
export type RunProgress = z.infer<typeof progressSchema>

/** A moment of a run from which it can go on: weights (those that training alone needs among them), velocity, place. */
export type RunCheckpoint = { weights: Weights; velocity: Weights; progress: RunProgress }

/** Creates a run's folder with its manifest. Throws UserError if the folder holds something already. */
export async function createRun(folder: string, manifest: Manifest): Promise<void> {
  // What a start that was cut off may have left behind.
  const isOurs = (name: string) => name.startsWith('lock.json') || name.startsWith('manifest.json.')
  try {
    await mkdir(folder, { recursive: true })
    if (!(await readdir(folder)).every(isOurs))
      throw new UserError(`${folder} is not empty; choose another folder, or go on with its run by --resume.`)
  } catch (error) {
    throw explainWriteError(error, folder)
  }
  await writeAtomically(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`)
}

/** True if a folder looks like a run of ours. */
export async function isRun(folder: string): Promise<boolean> {
  return stat(join(folder, 'manifest.json')).then(
    (entry) => entry.isFile(),
    () => false
  )
}

/** Reads and checks `manifest.json`. Throws UserError where it is missing, foreign or of a newer version. */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, 'manifest.json')
  const value = await readJson(path)
  const version = z.object({ schemaVersion: z.number() }).safeParse(value)
  if (!version.success) throw new UserError(`${path} is not the manifest of a run.`)
  if (version.data.schemaVersion > runSchemaVersion)
    throw new UserError(`${path} was written by a newer version of Autodidact (layout ${version.data.schemaVersion}).`)
  return check(manifestSchema, value, path)
}

/** Threads that a run was begun with; undefined where that can't be read. */
export const threadsOfRun = async (folder: string): Promise<number | undefined> =>
  (await readManifest(folder).catch(() => null))?.execution?.threads

/** Folder of the newest whole checkpoint; null if there is none. */
export async function findCheckpoint(folder: string): Promise<string | null> {
  const parent = join(folder, 'checkpoints')
  const names = await readdir(parent).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw explainFileError(error, parent)
  })
  // Padded numbers sort as they count.
  const whole = names.filter((name) => /^\d{8,}-\d{4,}$/.test(name)).sort()
  return whole.length ? join(parent, whole.at(-1)!) : null
}

/** Folder of the newest whole checkpoint. Throws UserError if there is none. */
export async function latestCheckpoint(folder: string): Promise<string> {
  const latest = await findCheckpoint(folder)
  if (latest === null) throw new UserError(`The run ${folder} has no checkpoint yet.`)
  return latest
}

/** Tensors that the method adds to the network's own: a second student, a regressor. */
const trainingOnlyFile = 'training-only.safetensors'

const part = (weights: Weights, wantsExtra: boolean): Weights =>
  new Map([...weights].filter(([name]) => isTrainingOnly(name) === wantsExtra))

/** Path of the network that a round ended with, 1-based: a file that opens as a checkpoint. */
export const roundPath = (folder: string, round: number): string => join(folder, 'rounds', `${round}.safetensors`)

/** Path of a checkpoint's weights, a safetensors file with PyTorch's names. */
export const weightsPath = (checkpoint: string): string => join(checkpoint, 'weights.safetensors')

/** Writes a checkpoint whole, then removes the older ones. */
export async function writeCheckpoint(folder: string, { weights, velocity, progress }: RunCheckpoint): Promise<void> {
  const parent = join(folder, 'checkpoints')
  const extra = part(weights, true)
  const name = `${String(progress.step).padStart(8, '0')}-${String(progress.epochsDone).padStart(4, '0')}`
  // A run is a function of its configuration: a checkpoint of this name holds the same, and is never replaced.
  if ((await findCheckpoint(folder)) !== join(parent, name))
    await writeFolderAtomically(join(parent, name), {
      'weights.safetensors': encodeSafetensors(toFileTensors(part(weights, false)), new Map([['format', 'pt']])),
      ...(extra.size ? { [trainingOnlyFile]: encodeSafetensors(toFileTensors(extra)) } : {}),
      'optimizer.safetensors': encodeSafetensors(toFileTensors(velocity)),
      'progress.json': `${JSON.stringify(progress, null, 2)}\n`
    })
  for (const other of await readdir(parent))
    if (other !== name) await rm(join(parent, other), { recursive: true, force: true })
}

/** Reads a checkpoint's folder. */
export async function readCheckpoint(checkpoint: string): Promise<RunCheckpoint> {
  const extra = join(checkpoint, trainingOnlyFile)
  const read = async (path: string) => toWeights((await readSafetensors(path)).tensors)
  const hasExtra = await stat(extra).then(
    () => true,
    () => false
  )
  return {
    weights: new Map([...(await read(weightsPath(checkpoint))), ...(hasExtra ? await read(extra) : [])]),
    velocity: toWeights((await readSafetensors(join(checkpoint, 'optimizer.safetensors'))).tensors),
    progress: await readProgress(checkpoint)
  }
}

/** Where a run was at a checkpoint. */
export async function readProgress(checkpoint: string): Promise<RunProgress> {
  const path = join(checkpoint, 'progress.json')
  return check(progressSchema, await readJson(path), path)
}

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw explainFileError(error, path)
  })
  try {
    return JSON.parse(text)
  } catch {
    throw new UserError(`${path} is damaged: it is not JSON.`)
  }
}

function check<S extends z.ZodType>(schema: S, value: unknown, path: string): z.infer<S> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  throw new UserError(`${path} is damaged: ${issue?.path.join('.') || 'it'} ${issue?.message ?? 'is not valid'}.`)
}
