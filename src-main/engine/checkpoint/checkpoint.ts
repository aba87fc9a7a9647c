import { stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { UserError } from '../../../src-shared/errors.ts'
import type { Preprocessing } from '../../../src-shared/preprocessing.ts'
import { explainFileError } from '../../file-errors.ts'
import { networkOfGraph } from '../model/graph/network-of-graph.ts'
import type { Network } from '../model/layer.ts'
import type { Weights } from '../model/weights.ts'
import { isRun as isRunFolder, latestCheckpoint, readManifest, weightsPath } from '../runs/run-folder.ts'
import { readBeside } from './beside.ts'
import type { Contents, TensorHeader } from './format.ts'
import { readContents } from './formats.ts'
import { withOpenFile, type OpenFile } from './open-file.ts'
import { networkOfOrigin, originKey, originOf, parseOrigin, type Origin } from './origin.ts'
import type { Outputs } from './outputs/outputs.ts'
import { findOutputs, readOutputs } from './outputs/outputs.ts'
import { recognize, type Recognized } from './recognition/recognize.ts'
import { toFloats } from './safetensors/weights-file.ts'

/** What a file or run is, all but its values. */
export type CheckpointFacts = {
  /** As given. */
  path: string
  name: string
  /** `run`, or the file's: `safetensors`, `pytorch-zip` and so on. */
  format: string
  /** The weights file. */
  file: string
  /** null where the file holds no network known here; then `misfit` says why, the end of a sentence. */
  network: Network | null
  misfit: string | null
  /** As in the file, without wrapper prefixes. */
  tensors: ({ name: string } & TensorHeader)[]
  origin: Origin | null
  /** How images become its input: as somebody said, else as the file says; null where neither does. */
  preprocessing: Preprocessing | null
  /** Names of its classes, likewise; empty where nobody says. */
  classes: string[]
  notes: ReadonlyMap<string, string>
  /** What is worth knowing of how it was read, a sentence each. */
  remarks: string[]
  /** What it holds of a network's outputs in place of a network. */
  outputs: { exits: number[]; count: number; classes: number } | null
}

/** An opened file or run: plain data, nothing on the backend yet. */
export type Checkpoint = Omit<CheckpointFacts, 'outputs'> & { weights: Weights; outputs: Outputs | null }

/** A checkpoint of a known network: what every measurement starts from. */
export type NetworkCheckpoint = Checkpoint & { network: Network; /** SHA-256 of the weights file, hex. */ hash: string }

/**
 * Opens a run's folder or a checkpoint's file, of any format in `formats.ts`. Throws UserError with one sentence where it is
 * missing, broken, or holds no tensors.
 */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  return withCheckpoint(path, async ({ facts, contents }) => open(facts, contents))
}

/** What a run's folder or a checkpoint's file is, without its values, and its bytes' SHA-256. Throws UserError. */
export async function describeCheckpoint(path: string): Promise<CheckpointFacts & { hash: string }> {
  return withCheckpoint(path, async ({ facts, file }) => ({ ...facts, hash: await file.hash() }))
}

/** Opens a checkpoint that must be a known network. Throws UserError that says why it is none. */
export async function openNetwork(path: string): Promise<NetworkCheckpoint> {
  return withCheckpoint(path, async ({ facts, contents, file }) => {
    const { network, misfit } = facts
    if (!network) throw new UserError(`${path} ${misfit}`)
    return { ...(await open(facts, contents)), network, hash: await file.hash() }
  })
}

async function open({ outputs: _, ...facts }: CheckpointFacts, contents: Contents): Promise<Checkpoint> {
  const outputs = contents.outputs ? await readOutputs(facts.file, contents.outputs) : null
  const weights: Weights = new Map()
  if (!outputs)
    for (const [name, { shape, load }] of contents.tensors) weights.set(name, { shape, data: toFloats(await load()) })
  return { ...facts, weights, outputs }
}

type Opened = { facts: CheckpointFacts; contents: Contents; file: OpenFile }

async function withCheckpoint<R>(path: string, work: (opened: Opened) => Promise<R>): Promise<R> {
  const { file: place, isRun } = await findWeights(path)
  return withOpenFile(place, async (file) => {
    const read = await readContents(file)
    if (!read.tensors.size) throw new UserError(`${path} holds no tensors.`)
    const outputs = read.outputs ?? findOutputs(read.tensors)
    const contents: Contents = {
      ...read,
      tensors: read.graph ? read.tensors : unwrap(read.tensors),
      ...(outputs ? { outputs } : {})
    }
    const format = isRun ? 'run' : read.format
    return work({ facts: await describe(path, { format, isRun, file, contents }), contents, file })
  })
}

type Found = { format: string; isRun: boolean; file: OpenFile; contents: Contents }

async function describe(path: string, { format, isRun, file, contents }: Found): Promise<CheckpointFacts> {
  const { tensors, notes, remarks = [], outputs } = contents
  const origin = isRun ? originOf(await readManifest(path)) : parseOrigin(notes.get(originKey))
  const beside = isRun ? null : await readBeside(file.path)
  return {
    path,
    name: nameOf(path),
    format,
    file: file.path,
    ...networkIn(contents, origin),
    tensors: [...tensors].map(([name, { shape, dtype }]) => ({ name, shape, dtype })),
    origin,
    preprocessing: beside?.preprocessing ?? origin?.preprocessing ?? null,
    classes: beside?.classes ?? origin?.classes ?? [],
    notes,
    remarks,
    outputs: outputs
      ? { exits: outputs.exits.map(({ exit }) => exit), count: outputs.count, classes: outputs.classes }
      : null
  }
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

function networkIn({ tensors, graph, outputs }: Contents, origin: Origin | null): Recognized {
  if (outputs) return { network: null, misfit: 'holds what a network gave, not the network; this needs the network.' }
  return graph ? networkOfGraph(graph) : recognize(tensors, networkOfOrigin(origin))
}

/** The tensors by their own names. */
function unwrap<T>(tensors: ReadonlyMap<string, T>): Map<string, T> {
  const prefix = wrapperOf([...tensors.keys()])
  return new Map([...tensors].map(([name, tensor]) => [name.slice(prefix.length), tensor]))
}

/** The prefix that a wrapper put before every name, for instance `module.`; empty where some lack it. */
function wrapperOf(names: string[]): string {
  const prefix = /^(?:(?:module|model)\.)*/.exec(names[0] ?? '')?.[0] ?? ''
  return names.every((name) => name.startsWith(prefix)) ? prefix : ''
}

/** How images become this checkpoint's input; undefined where nobody says, then the data set's own is used. */
export const preprocessingOf = ({ preprocessing }: Pick<CheckpointFacts, 'preprocessing'>): Preprocessing | undefined =>
  preprocessing ?? undefined

const endings = /\.(safetensors|pth\.tar|pth|pt|bin|ckpt|onnx|h5|hdf5|keras|npz)$/i
/** What every checkpoint of its kind is called. */
const generic = new Set(['weights.safetensors', 'model.safetensors', 'model.json'])

/** A checkpoint's name where nobody gave it another: its folder's or file's. */
export function nameOf(path: string): string {
  const name = basename(path.replace(/\/+$/, ''))
  if (generic.has(name)) return basename(dirname(path)) || name
  return name.replace(endings, '') || name
}
