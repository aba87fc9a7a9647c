import { UsageError, UserError } from '../../../src-shared/errors.ts'
import type { DataSelection, Subject } from '../../../src-shared/reports.ts'
import type { Preprocessing } from '../../../src-shared/preprocessing.ts'
import type { Backend } from '../backend/backend.ts'
import { factsOf, openNetwork, saidOf, type CheckpointFacts, type NetworkCheckpoint } from '../checkpoint/checkpoint.ts'
import { requireRoom } from '../data/batches.ts'
import { describeDataset, findDataset, loadDataset } from '../data/dataset.ts'
import { loadSelection, type LoadedSelection } from '../data/load-selection.ts'
import { fitProblem } from '../model/graph/run-graph.ts'
import type { Network } from '../model/layer.ts'
import { disposeState, toState, type NetworkState } from '../model/weights.ts'
import { inputFor } from '../preprocessing/input-form.ts'
import { settlePreprocessing } from '../preprocessing/settle.ts'
import { describeHolding, type Held } from './describe-holding.ts'

/** What every report says of a checkpoint. */
export type SubjectEntry = {
  path: string
  name: string
  group: string
  role: string
  seed: number
  hash: string
  network: string
  /** How images were prepared, where somebody said so. */
  preprocessing?: Preprocessing
  /** Which network it is, where somebody said so: `CheckpointFacts.named`. */
  architecture?: string
  /** Its own images, where it brought some: then the report's are not what it was measured on. */
  data?: { name: string; hash: string; split: string; count: number }
}

/** A checkpoint on the backend; `use` frees it. */
export type OpenedSubject = { checkpoint: NetworkCheckpoint; state: NetworkState; entry: SubjectEntry }

/** Opens a checkpoint, puts it on the backend, and frees it when `work` has ended, however it ends. */
export async function withSubject<R>(
  backend: Backend,
  subject: Subject,
  work: (opened: OpenedSubject) => Promise<R>
): Promise<R> {
  return withState(backend, subject, await openNetwork(subject.path), work)
}

/** As `withSubject`, of a checkpoint that is open. */
export async function withState<R>(
  backend: Backend,
  subject: Subject,
  checkpoint: NetworkCheckpoint,
  work: (opened: OpenedSubject) => Promise<R>
): Promise<R> {
  const state = toState(backend.tf, checkpoint.network, checkpoint.weights)
  try {
    return await work({ checkpoint, state, entry: entryOf(subject, checkpoint) })
  } finally {
    disposeState(state)
  }
}

type Described = Pick<
  CheckpointFacts,
  'name' | 'network' | 'named' | 'origin' | 'preprocessing' | 'preprocessingSource'
> & {
  hash: string
  outputs: Held['outputs']
}

/** A checkpoint's entry in a report: what the request says, else what the checkpoint says of itself. */
export function entryOf(subject: Subject, checkpoint: Described): SubjectEntry {
  const { name, hash, origin, named } = checkpoint
  const preprocessing = saidOf(checkpoint)
  const seed = subject.seed ?? origin?.seed ?? 0
  return {
    path: subject.path,
    name: subject.name ?? name,
    group: subject.group ?? groupOf(subject.name ?? name, seed),
    role: subject.role ?? origin?.method ?? 'unknown',
    seed,
    hash,
    network: describeHolding(checkpoint),
    ...(preprocessing ? { preprocessing } : {}),
    ...(named === null ? {} : { architecture: named })
  }
}

/** Runs that differ in their seed only are named so: `wide-0`, `wide-1` are the group `wide`. */
export const groupOf = (name: string, seed: number): string => name.replace(new RegExp(`(?<=.)-${seed}$`), '')

/**
 * The images a checkpoint is measured on, prepared as it expects them. Throws UsageError if channels or labels don't
 * fit the network.
 */
export async function selectionFor(
  checkpoint: NetworkCheckpoint,
  data: DataSelection,
  seed: number
): Promise<LoadedSelection> {
  const preprocessing =
    data.kind === 'dataset' ? settlePreprocessing(checkpoint, await loadDataset(data.name)).preprocessing : undefined
  const selection = await loadSelection(data, seed, preprocessing)
  checkFit(checkpoint.network, selection, checkpoint.path)
  return selection
}

/** Labels of a selection. Throws UsageError where a measurement needs them and none were given. */
export function labelsOf({ labels, name }: Pick<LoadedSelection, 'labels' | 'name'>): Int32Array {
  if (labels) return labels
  throw new UsageError(`The images of ${name} have no labels; give one per image with --labels.`)
}

/**
 * Says before anything is computed what does not fit: of files and data sets the headers are read only. Throws UserError
 * where a checkpoint is no known network, or the outputs of one where `takesOutputs`, UsageError where one does not fit the data.
 */
export async function requireFit(
  subjects: readonly Subject[],
  data: DataSelection,
  { takesOutputs }: { takesOutputs: boolean }
): Promise<void> {
  let found: ReturnType<typeof describeDataset> | undefined
  for (const { path } of subjects) {
    const { network, outputs, misfit, preprocessing } = await factsOf(path)
    if (outputs && takesOutputs) continue
    if (!network) throw new UserError(`${path} ${misfit}`)
    if (data.kind !== 'dataset') continue
    found ??= describeDataset(await findDataset(data.name))
    const { name, shape, classes } = await found
    const labels = Int32Array.of(classes.length - 1)
    // A checkpoint keeps the size it was trained with.
    const { size, fit } = preprocessing ?? inputFor(network, shape)
    if (fit !== 'resize') requireRoom(shape, size)
    checkFit(network, { shape: [size, size, shape[2]], labels, name }, path)
  }
}

type Fitted = Pick<LoadedSelection, 'shape' | 'labels' | 'name'>

/** An image of more pixels a side is nothing that a network was trained on. */
const mostSize = 2048

/** Throws UsageError where prepared images or their labels are nothing that a network takes. */
export function checkFit(network: Network, { shape, labels, name }: Fitted, path: string): void {
  const [height, width, channels] = shape
  if (channels !== network.inputChannels)
    throw new UsageError(
      `${path} takes images with ${network.inputChannels} colour channels, but those of ${name} have ${channels}.`
    )
  if (height > mostSize)
    throw new UsageError(`${path} asks for images of ${height} x ${width} pixels; at most ${mostSize} can be used.`)
  const problem = network.graph ? fitProblem(network.graph, [height, width]) : null
  if (problem !== null) throw new UsageError(`${path} ${problem}.`)
  if (!network.graph && (height !== width || height % 8 !== 0))
    throw new UsageError(`Images must be square with a side that 8 divides, not ${height} x ${width}.`)
  const wrong = labels?.find((label) => label >= network.classes)
  if (wrong !== undefined)
    throw new UsageError(`${name} has the label ${wrong}, but ${path} knows the classes 0 to ${network.classes - 1}.`)
}
