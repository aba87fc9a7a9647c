import { UsageError, UserError } from '../../../src-shared/errors.ts'
import type { DataSelection, Subject } from '../../../src-shared/reports.ts'
import type { Backend } from '../backend/backend.ts'
import { describeCheckpoint, openNetwork, preprocessingOf, type NetworkCheckpoint } from '../checkpoint/checkpoint.ts'
import { requireRoom } from '../data/batches.ts'
import { describeDataset, findDataset } from '../data/dataset.ts'
import { inputSizeOf } from '../data/input-size.ts'
import { loadSelection, type LoadedSelection } from '../data/load-selection.ts'
import { describeNetwork, type Network } from '../model/layer.ts'
import { disposeState, toState, type NetworkState } from '../model/weights.ts'

/** What every report says of a checkpoint. */
export type SubjectEntry = {
  path: string
  name: string
  group: string
  role: string
  seed: number
  hash: string
  network: string
}

/** A checkpoint on the backend; `use` frees it. */
export type OpenedSubject = { checkpoint: NetworkCheckpoint; state: NetworkState; entry: SubjectEntry }

/** Opens a checkpoint, puts it on the backend, and frees it when `work` has ended, however it ends. */
export async function withSubject<R>(
  backend: Backend,
  subject: Subject,
  work: (opened: OpenedSubject) => Promise<R>
): Promise<R> {
  const checkpoint = await openNetwork(subject.path)
  const state = toState(backend.tf, checkpoint.network, checkpoint.weights)
  try {
    return await work({ checkpoint, state, entry: entryOf(subject, checkpoint) })
  } finally {
    disposeState(state)
  }
}

/** A checkpoint's entry in a report: what the request says, else what the checkpoint says of itself. */
export function entryOf(subject: Subject, { name, hash, network, origin }: NetworkCheckpoint): SubjectEntry {
  const seed = subject.seed ?? origin?.seed ?? 0
  return {
    path: subject.path,
    name: subject.name ?? name,
    group: subject.group ?? groupOf(subject.name ?? name, seed),
    role: subject.role ?? origin?.method ?? 'unknown',
    seed,
    hash,
    network: describeNetwork(network)
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
  const selection = await loadSelection(data, seed, preprocessingOf(checkpoint))
  checkFit(checkpoint.network, selection, checkpoint.path)
  return selection
}

/** Labels of a selection. Throws UsageError where a measurement needs them and none were given. */
export function labelsOf({ labels, name }: LoadedSelection): Int32Array {
  if (labels) return labels
  throw new UsageError(`The images of ${name} have no labels; give one per image with --labels.`)
}

/**
 * Says before anything is computed what does not fit: of files and data sets the headers are read only. Throws UserError
 * where a checkpoint is no known network, UsageError where one does not fit the data.
 */
export async function requireFit(subjects: readonly Subject[], data: DataSelection): Promise<void> {
  if (data.kind !== 'dataset') return
  const { name, shape, classes } = await describeDataset(await findDataset(data.name))
  const labels = Int32Array.of(classes.length - 1)
  for (const { path } of subjects) {
    const { network, misfit, preprocessing } = await describeCheckpoint(path)
    if (!network) throw new UserError(`${path} ${misfit}`)
    // A checkpoint keeps the size it was trained with.
    const size = preprocessing?.size ?? inputSizeOf(shape)
    requireRoom(shape, size)
    checkFit(network, { shape: [size, size, shape[2]], labels, name }, path)
  }
}

type Fitted = Pick<LoadedSelection, 'shape' | 'labels' | 'name'>

function checkFit(network: Network, { shape, labels, name }: Fitted, path: string): void {
  const [height, width, channels] = shape
  if (channels !== network.inputChannels)
    throw new UsageError(
      `${path} takes images with ${network.inputChannels} colour channels, but those of ${name} have ${channels}.`
    )
  if (height !== width || height % 8 !== 0)
    throw new UsageError(`Images must be square with a side that 8 divides, not ${height} x ${width}.`)
  const wrong = labels?.find((label) => label >= network.classes)
  if (wrong !== undefined)
    throw new UsageError(`${name} has the label ${wrong}, but ${path} knows the classes 0 to ${network.classes - 1}.`)
}
