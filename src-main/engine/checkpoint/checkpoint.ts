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
  /** null where the tensors are not exactly those of a network known here; then `misfit` says why. */
  network: Network | null
  misfit: string | null
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
  const prefix = wrapperOf([...raw.keys()])
  const tensors = new Map([...raw].map(([name, tensor]) => [name.slice(prefix.length), tensor]))
  const nearest = recognizeResnet(tensors)
  const misfit = explainMisfit(nearest, tensors)
  return {
    path,
    name: nameOf(path),
    format: run ? 'run' : 'safetensors',
    file,
    hash: await hashFile(file),
    network: misfit === null ? nearest : null,
    misfit,
    weights: toWeights(tensors),
    tensors: [...tensors].map(([name, { shape, dtype }]) => ({ name, shape, dtype })),
    origin: run ? await originOfRun(path) : parseOrigin(metadata.get(originKey))
  }
}

/** Opens a checkpoint that must be a known network. Throws UserError naming the first tensor that does not fit. */
export async function openNetwork(path: string): Promise<NetworkCheckpoint> {
  const checkpoint = await openCheckpoint(path)
  const { network, misfit } = checkpoint
  if (!network) throw new UserError(`${path} ${misfit}`)
  return { ...checkpoint, network }
}

type Tensors = ReadonlyMap<string, { shape: number[] }>

/** The public code makes these and never uses them. */
const isUnused = (name: string): boolean => /^downsample[1-3]_1\./.test(name)

/** Why tensors are not exactly those of the nearest network, the end of a sentence; null where they are. */
function explainMisfit(network: Network | null, tensors: Tensors): string | null {
  if (!network) {
    const names = [...tensors.keys()].slice(0, 3).map((name) => `"${name}"`)
    return `is not a network known here: its tensors are ${names.join(', ')} and so on.`
  }
  const specs = new Map(tensorSpecs(network).map((spec) => [spec.name, spec]))
  for (const { name, shape, role } of specs.values()) {
    const found = tensors.get(name)
    if (role === 'counter') continue
    if (!found) return `has no tensor "${name}", which its network needs.`
    if (String(found.shape) !== String(shape))
      return `has the tensor "${name}" of shape [${found.shape.join(', ')}], but its network needs [${shape.join(', ')}].`
  }
  const unexpected = [...tensors.keys()].find((name) => !specs.has(name) && !isUnused(name))
  return unexpected === undefined ? null : `has the tensor "${unexpected}", which no network known here has.`
}

/** How images become this checkpoint's input; undefined where it does not say, then the data set's own is used. */
export const preprocessingOf = (checkpoint: Checkpoint): Preprocessing | undefined => checkpoint.origin?.preprocessing

/** The prefix that a wrapper put before every name, for instance `module.`; empty where some lack it. */
function wrapperOf(names: string[]): string {
  const prefix = /^(?:(?:module|model)\.)*/.exec(names[0] ?? '')?.[0] ?? ''
  return names.every((name) => name.startsWith(prefix)) ? prefix : ''
}

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
