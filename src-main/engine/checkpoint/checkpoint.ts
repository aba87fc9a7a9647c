import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../../src-shared/errors.ts'
import { distillationSchema, methodNames } from '../../../src-shared/run-config.ts'
import { explainFileError } from '../../file-errors.ts'
import type { Preprocessing } from '../data/batches.ts'
import type { Network } from '../model/layer.ts'
import { tensorSpecs } from '../model/tensor-specs.ts'
import type { Weights } from '../model/weights.ts'
import { isRun, latestCheckpoint, readManifest, weightsPath } from '../runs/run-folder.ts'
import { recognizeResnet } from './recognize-resnet.ts'
import { readSafetensors } from './safetensors/safetensors-file.ts'
import { toWeights } from './safetensors/weights-file.ts'

/** What a checkpoint's file tells beside its weights; ours carry it, foreign ones don't. */
export const originSchema = z.object({
  method: z.enum(methodNames),
  distillation: distillationSchema,
  seed: z.number().int(),
  dataset: z.string(),
  classes: z.array(z.string()),
  preprocessing: z.object({ size: z.number().int(), mean: z.array(z.number()), deviation: z.array(z.number()) })
})
export type Origin = z.infer<typeof originSchema>

/** Key of the metadata under which our safetensors files keep their origin. */
export const originKey = 'autodidact.origin'

/** An opened file or run: plain data, nothing on the backend yet. */
export type Checkpoint = {
  /** As given. */
  path: string
  name: string
  format: 'run' | 'safetensors'
  /** The weights file and its SHA-256, hex. */
  file: string
  hash: string
  /** null where the tensors belong to no network known here. */
  network: Network | null
  weights: Weights
  /** As in the file, without wrapper prefixes. */
  tensors: { name: string; shape: number[]; dtype: string }[]
  origin: Origin | null
}

/** A checkpoint of a known network: what every measurement starts from. */
export type NetworkCheckpoint = Checkpoint & { network: Network }

/**
 * Opens a run's folder or a safetensors file. Throws UserError with one sentence where the file is missing, broken,
 * or holds no tensors.
 */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  const entry = await stat(path).catch((error: unknown) => {
    throw explainFileError(error, path)
  })
  const run = entry.isDirectory()
  if (run && !(await isRun(path))) throw new UserError(`${path} is a folder, but not the folder of a run.`)
  const file = run ? weightsPath(await latestCheckpoint(path)) : path
  const { metadata, tensors: raw } = await readSafetensors(file)
  if (!raw.size) throw new UserError(`${path} holds no tensors.`)
  const tensors = new Map([...raw].map(([name, tensor]) => [withoutWrapper(name), tensor]))
  return {
    path,
    name: nameOf(path),
    format: run ? 'run' : 'safetensors',
    file,
    hash: await hashFile(file),
    network: recognizeResnet(tensors),
    weights: toWeights(tensors),
    tensors: [...tensors].map(([name, { shape, dtype }]) => ({ name, shape, dtype })),
    origin: run ? await originOfRun(path) : parseOrigin(metadata.get(originKey))
  }
}

/** Opens a checkpoint that must be a known network. Throws UserError naming the first tensor that does not fit. */
export async function openNetwork(path: string): Promise<NetworkCheckpoint> {
  const checkpoint = await openCheckpoint(path)
  const { network, weights } = checkpoint
  if (!network) {
    const names = checkpoint.tensors.slice(0, 3).map(({ name }) => `"${name}"`)
    throw new UserError(`${path} is not a network known here: its tensors are ${names.join(', ')} and so on.`)
  }
  for (const { name, shape, role } of tensorSpecs(network)) {
    const found = weights.get(name)
    if (role === 'counter') continue
    if (!found) throw new UserError(`${path} has no tensor "${name}", which its network needs.`)
    if (String(found.shape) !== String(shape))
      throw new UserError(
        `${path}: tensor "${name}" has the shape [${found.shape.join(', ')}], but its network needs [${shape.join(', ')}].`
      )
  }
  return { ...checkpoint, network }
}

/** How images become this checkpoint's input; undefined where it does not say, then the data set's own is used. */
export const preprocessingOf = (checkpoint: Checkpoint): Preprocessing | undefined => checkpoint.origin?.preprocessing

const withoutWrapper = (name: string): string => name.replace(/^(module\.|model\.)+/, '')

function nameOf(path: string): string {
  const name = basename(path.replace(/\/+$/, ''))
  if (name !== 'weights.safetensors') return name.replace(/\.safetensors$/, '')
  return basename(dirname(path)) || name
}

async function originOfRun(folder: string): Promise<Origin> {
  const { config, data } = await readManifest(folder)
  return {
    method: config.method,
    distillation: config.distillation,
    seed: config.seed,
    dataset: data.name,
    classes: data.classes,
    preprocessing: { size: data.size, mean: data.mean, deviation: data.deviation }
  }
}

/** A foreign or damaged note is no reason to refuse the weights. */
function parseOrigin(text: string | undefined): Origin | null {
  try {
    return originSchema.parse(JSON.parse(text ?? 'null'))
  } catch {
    return null
  }
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array)
  return hash.digest('hex')
}
