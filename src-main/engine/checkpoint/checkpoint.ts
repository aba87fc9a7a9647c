import { createHash } from 'node:crypto'
import { realpath, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { withoutEnding } from '../../../src-shared/checkpoint-endings.ts'
import { UserError } from '../../../src-shared/errors.ts'
import { isSamePreprocessing, type Preprocessing } from '../../../src-shared/preprocessing.ts'
import { explainFileError } from '../../file-errors.ts'
import { networkOfGraph } from '../model/graph/network-of-graph.ts'
import type { Network } from '../model/layer.ts'
import type { Weights } from '../model/weights.ts'
import { isRun as isRunFolder, latestCheckpoint, readManifest, weightsPath } from '../runs/run-folder.ts'
import { findBeside, type Beside } from './beside.ts'
import type { Contents, TensorHeader } from './format.ts'
import { readContents } from './formats.ts'
import { withOpenFile, type OpenFile } from './open-file.ts'
import { networkOfOrigin, originKey, originOf, parseOrigin, type Origin } from './origin.ts'
import { findOutputs } from './outputs/find-outputs.ts'
import { readOutputs, type Outputs } from './outputs/outputs.ts'
import { preprocessingProblem } from './preprocessing-fit.ts'
import { findArchitecture } from './recognition/architectures.ts'
import { networkOfArchitecture } from './recognition/named-architecture.ts'
import { recognize, type Recognized } from './recognition/recognize.ts'
import { toFloats } from './safetensors/weights-file.ts'
import { hashWithParts } from './whole-hash.ts'

/** What a file or run is, all but its values. */
export type CheckpointFacts = {
  /** As given. */
  path: string
  name: string
  /** `run`, or the file's: `safetensors`, `pytorch-zip` and so on. */
  format: string
  /** The weights file. */
  file: string
  /** Further files in which its weights lie. */
  parts: string[]
  /** null where the file holds no network known here; then `misfit` says why, the end of a sentence. */
  network: Network | null
  misfit: string | null
  /** A fingerprint of the network where a person named it; null where the file or its tensors tell. */
  named: string | null
  /** As in the file, without wrapper prefixes. */
  tensors: ({ name: string } & TensorHeader)[]
  origin: Origin | null
  /** How images become its input: as somebody said, else as the file says; null where neither does. */
  preprocessing: Preprocessing | null
  /** Who says so. */
  preprocessingSource: 'said' | 'file' | null
  /** Names of its classes, likewise; empty where nobody says. */
  classes: string[]
  notes: ReadonlyMap<string, string>
  /** What is worth knowing of how it was read, a sentence each. */
  remarks: string[]
  /** What it holds of a network's outputs in place of a network. */
  outputs: { exits: number[]; count: number; classes: number; hasImages: boolean } | null
}

/** An opened file or run: plain data, nothing on the backend yet. */
export type Checkpoint = Omit<CheckpointFacts, 'outputs'> & { weights: Weights; outputs: Outputs | null }

/** A checkpoint of a known network: what every measurement starts from. */
export type NetworkCheckpoint = Checkpoint & { network: Network; /** SHA-256 of the weights file, hex. */ hash: string }
/** A file of what a network gave. */
export type OutputsCheckpoint = Checkpoint & { network: null; outputs: Outputs; hash: string }

/**
 * Opens a run's folder or a checkpoint's file, of any format in `formats.ts`. Throws UserError with one sentence where it is
 * missing, broken, or holds no tensors.
 */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  return withCheckpoint(path, async ({ facts, contents }) => open(facts, contents))
}

/** What a run's folder or a checkpoint's file is, from its headers alone. Throws UserError. */
export async function factsOf(path: string): Promise<CheckpointFacts> {
  return withCheckpoint(path, ({ facts }) => Promise.resolve(facts))
}

/** What a run's folder or a checkpoint's file is, without its values, and its bytes' SHA-256. Throws UserError. */
export async function describeCheckpoint(path: string): Promise<CheckpointFacts & { hash: string }> {
  return withCheckpoint(path, async ({ facts, file }) => ({ ...facts, hash: await file.hash() }))
}

/** Opens a checkpoint that must be a known network. Throws UserError that says why it is none. */
export async function openNetwork(path: string): Promise<NetworkCheckpoint> {
  return withCheckpoint(path, openKnown)
}

/** Opens a checkpoint of a known network, or what one gave. Throws UserError that says why it is neither. */
export async function openNetworkOrOutputs(path: string): Promise<NetworkCheckpoint | OutputsCheckpoint> {
  return withCheckpoint(path, async (opened) => {
    const { facts, contents, file } = opened
    if (!contents.outputs) return openKnown(opened)
    const outputs = await readOutputs(facts.path, contents.outputs)
    return { ...facts, network: null, weights: new Map(), outputs, hash: await file.hash() }
  })
}

async function openKnown({ facts, contents, file }: Opened): Promise<NetworkCheckpoint> {
  const { network, misfit } = facts
  if (!network) throw new UserError(`${facts.path} ${misfit}`)
  return { ...(await open(facts, contents)), network, hash: await file.hash() }
}

async function open({ outputs: _, ...facts }: CheckpointFacts, contents: Contents): Promise<Checkpoint> {
  const outputs = contents.outputs ? await readOutputs(facts.path, contents.outputs) : null
  const weights: Weights = new Map()
  if (!outputs)
    for (const [name, { shape, load }] of contents.tensors) weights.set(name, { shape, data: toFloats(await load()) })
  return { ...facts, weights, outputs }
}

/** A run's newest weights or a file while it lies open; the names of `contents.tensors` are those of `facts`. */
export type Opened = { facts: CheckpointFacts; contents: Contents; file: OpenFile }

/** Opens a run's folder or a checkpoint's file for `work`, which may read tensors one by one. Throws UserError. */
export async function withCheckpoint<R>(path: string, work: (opened: Opened) => Promise<R>): Promise<R> {
  const { file: place, isRun } = await findWeights(path)
  return withOpenFile(place, async (file) => {
    const read = await readContents(file)
    if (!read.tensors.size) throw new UserError(`${path} holds no tensors.`)
    const outputs = read.outputs ?? (isRun ? null : findOutputs(path, read))
    const contents: Contents = {
      ...read,
      tensors: read.graph ? read.tensors : unwrap(read.tensors),
      ...(outputs ? { outputs } : {})
    }
    const format = isRun ? 'run' : read.format
    const facts = await describe(path, { format, isRun, file, contents })
    return work({
      facts,
      contents,
      file: { ...file, hash: () => (read.parts ? hashWithParts(file, read.parts) : file.hash()) }
    })
  })
}

type Found = { format: string; isRun: boolean; file: OpenFile; contents: Contents }

async function describe(path: string, { format, isRun, file, contents }: Found): Promise<CheckpointFacts> {
  const { tensors, notes, outputs } = contents
  const origin = isRun ? originOf(await readManifest(path)) : parseOrigin(notes.get(originKey))
  const found = isRun ? null : await findBeside(file.path)
  const beside = found?.note ?? null
  const recognized = await networkIn(contents, origin, beside)
  const problemOf = (preprocessing: Preprocessing) =>
    preprocessingProblem({ path, network: recognized.network }, preprocessing)
  const fitting = (preprocessing: Preprocessing | null | undefined) =>
    preprocessing && problemOf(preprocessing) === null ? preprocessing : undefined
  const [said, own] = [fitting(beside?.preprocessing), fitting(origin?.preprocessing)]
  const unfit = beside?.preprocessing && !said ? problemOf(beside.preprocessing) : null
  return {
    path,
    name: nameOf(path),
    format,
    file: file.path,
    parts: contents.parts ?? [],
    ...recognized,
    tensors: [...tensors].map(([name, { shape, dtype }]) => ({ name, shape, dtype })),
    origin,
    preprocessing: said ?? own ?? null,
    preprocessingSource: sourceOf(said, own),
    classes: beside?.classes ?? origin?.classes ?? outputs?.classNames ?? [],
    notes,
    remarks: [
      ...(contents.remarks ?? []),
      ...(unfit === null ? [] : [`How images are prepared was not taken from ${found!.path}: ${unfit}`])
    ],
    outputs: outputs
      ? {
          exits: outputs.exits.map(({ exit }) => exit),
          count: outputs.count,
          classes: outputs.classes,
          hasImages: outputs.images !== null
        }
      : null
  }
}

/** What is said as the file says it anyway is nobody's word. */
function sourceOf(said: Preprocessing | undefined, own: Preprocessing | undefined) {
  if (said && !(own && isSamePreprocessing(said, own))) return 'said'
  return own ? 'file' : null
}

/** The weights file of a run's newest checkpoint, the model.json of a folder, or the file itself. Throws UserError where there is none. */
export async function findWeights(path: string): Promise<{ file: string; isRun: boolean }> {
  const entry = await stat(path).catch((error: unknown) => {
    throw explainFileError(error, path)
  })
  if (!entry.isDirectory()) return { file: path, isRun: false }
  if (await isRunFolder(path)) return { file: weightsPath(await latestCheckpoint(path)), isRun: true }
  const model = await modelIn(path)
  if (model !== null) return { file: model, isRun: false }
  throw new UserError(`${path} is a folder, but not the folder of a run.`)
}

/** The model.json that lies in a folder; null where there is none. Throws UserError for a link that leads out of it. */
async function modelIn(folder: string): Promise<string | null> {
  const model = join(folder, 'model.json')
  const real = await realpath(model).catch(() => null)
  if (real === null || !(await stat(real)).isFile()) return null
  if (dirname(real) === (await realpath(folder))) return model
  throw new UserError(`${model} is a link out of its folder; open the file that it leads to.`)
}

async function networkIn(
  { tensors, graph, outputs }: Contents,
  origin: Origin | null,
  beside: Beside | null
): Promise<Recognized & Pick<CheckpointFacts, 'named'>> {
  if (outputs)
    return {
      ...{ network: null, named: null },
      misfit: 'holds what a network gave, not the network; this needs the network.'
    }
  if (graph) return { ...networkOfGraph(graph), named: null }
  const said = networkOfArchitecture(tensors, beside?.architecture)
  const found = recognize(tensors, said, networkOfOrigin(origin))
  if (found.network) return { ...found, named: found.network === said ? fingerprintOf(said) : null }
  // What was named for another file counts where nothing is known of this one.
  const elsewhere = networkOfArchitecture(tensors, await findArchitecture(tensors))
  const known = elsewhere && recognize(tensors, elsewhere)
  return known?.network ? { ...known, named: fingerprintOf(known.network) } : { ...found, named: null }
}

const fingerprintOf = (network: Network): string =>
  createHash('sha256').update(JSON.stringify(network)).digest('hex').slice(0, 16)

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

/** How images become its input where somebody said so, other than the file does; undefined elsewhere. */
export const saidOf = (
  facts: Pick<CheckpointFacts, 'preprocessing' | 'preprocessingSource'>
): Preprocessing | undefined => (facts.preprocessingSource === 'said' ? (facts.preprocessing ?? undefined) : undefined)

/** How images become this checkpoint's input; undefined where nobody says, then the data set's own is used. */
export const preprocessingOf = ({ preprocessing }: Pick<CheckpointFacts, 'preprocessing'>): Preprocessing | undefined =>
  preprocessing ?? undefined

/** What every checkpoint of its kind is called. */
const generic = new Set(['weights.safetensors', 'model.safetensors', 'model.json'])

/** A checkpoint's name where nobody gave it another: its folder's or file's. */
export function nameOf(path: string): string {
  const name = basename(path.replace(/\/+$/, ''))
  if (generic.has(name)) return basename(dirname(path)) || name
  return withoutEnding(name)
}
