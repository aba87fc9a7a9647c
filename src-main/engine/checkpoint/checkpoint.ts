import { createHash } from 'node:crypto'
import { open, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { UserError } from '../../../src-shared/errors.ts'
import { explainFileError } from '../../file-errors.ts'
import type { Preprocessing } from '../data/batches.ts'
import type { Network } from '../model/layer.ts'
import { tensorSpecs } from '../model/tensor-specs.ts'
import type { Weights } from '../model/weights.ts'
import { isRun as isRunFolder, latestCheckpoint, readManifest, weightsPath } from '../runs/run-folder.ts'
import { networkOfOrigin, originKey, originOf, parseOrigin, type Origin } from './origin.ts'
import { recognizeResnet } from './recognize-resnet.ts'
import { readSafetensors, readSafetensorsHeader, type SafetensorsHeader } from './safetensors/safetensors-file.ts'
import { toWeights } from './safetensors/weights-file.ts'

/** What a file or run is, all but its weights. */
export type CheckpointFacts = {
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
  /** As in the file, without wrapper prefixes. */
  tensors: { name: string; shape: number[]; dtype: string }[]
  origin: Origin | null
}

/** An opened file or run: plain data, nothing on the backend yet. */
export type Checkpoint = CheckpointFacts & { weights: Weights }

/** A checkpoint of a known network: what every measurement starts from. */
export type NetworkCheckpoint = Checkpoint & { network: Network }

/**
 * Opens a run's folder or a safetensors file. Throws UserError with one sentence where the file is missing, broken,
 * or holds no tensors.
 */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  const { file, isRun } = await findWeights(path)
  const { metadata, tensors } = await readSafetensors(file)
  const unwrapped = unwrap(path, tensors)
  const facts = await describe({ path, file, isRun, metadata, tensors: unwrapped })
  return { ...facts, weights: toWeights(unwrapped) }
}

/**
 * What a run's folder or a safetensors file is, from its header and the bytes' hash. Throws UserError as
 * `openCheckpoint` does.
 */
export async function describeCheckpoint(path: string): Promise<CheckpointFacts> {
  const { file, isRun } = await findWeights(path)
  const { metadata, tensors } = await readSafetensorsHeader(file)
  return describe({ path, file, isRun, metadata, tensors: unwrap(path, tensors) })
}

/** The weights file of a run's newest checkpoint, or the file itself. Throws UserError where there is none. */
export async function findWeights(path: string): Promise<{ file: string; isRun: boolean }> {
  const entry = await stat(path).catch((error: unknown) => {
    throw explainFileError(error, path)
  })
  if (!entry.isDirectory()) return { file: path, isRun: false }
  if (!(await isRunFolder(path))) throw new UserError(`${path} is a folder, but not the folder of a run.`)
  return { file: weightsPath(await latestCheckpoint(path)), isRun: true }
}

/** The tensors by their own names. */
function unwrap<T>(path: string, tensors: ReadonlyMap<string, T>): Map<string, T> {
  if (!tensors.size) throw new UserError(`${path} holds no tensors.`)
  const prefix = wrapperOf([...tensors.keys()])
  return new Map([...tensors].map(([name, tensor]) => [name.slice(prefix.length), tensor]))
}

type Found = { path: string; file: string; isRun: boolean } & SafetensorsHeader

async function describe({ path, file, isRun, metadata, tensors }: Found): Promise<CheckpointFacts> {
  const origin = isRun ? originOf(await readManifest(path)) : parseOrigin(metadata.get(originKey))
  const nearest = networkOfOrigin(origin) ?? recognizeResnet(tensors)
  const misfit = explainMisfit(nearest, tensors)
  return {
    path,
    name: nameOf(path),
    format: isRun ? 'run' : 'safetensors',
    file,
    hash: await hashFile(file),
    network: misfit === null ? nearest : null,
    misfit,
    tensors: [...tensors].map(([name, { shape, dtype }]) => ({ name, shape, dtype })),
    origin
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
export const preprocessingOf = (checkpoint: CheckpointFacts): Preprocessing | undefined =>
  checkpoint.origin?.preprocessing

/** The prefix that a wrapper put before every name, for instance `module.`; empty where some lack it. */
function wrapperOf(names: string[]): string {
  const prefix = /^(?:(?:module|model)\.)*/.exec(names[0] ?? '')?.[0] ?? ''
  return names.every((name) => name.startsWith(prefix)) ? prefix : ''
}

/** A checkpoint's name where nobody gave it another: its folder's or file's. */
export function nameOf(path: string): string {
  const name = basename(path.replace(/\/+$/, ''))
  if (name !== 'weights.safetensors') return name.replace(/\.safetensors$/, '')
  return basename(dirname(path)) || name
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  const file = await open(path)
  try {
    const buffer = Buffer.allocUnsafe(chunkBytes)
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, chunkBytes)
      if (bytesRead === 0) return hash.digest('hex')
      hash.update(buffer.subarray(0, bytesRead))
    }
  } finally {
    await file.close()
  }
}

/** Large enough to be few reads, small enough to let others in between. */
const chunkBytes = 256 * 1024
