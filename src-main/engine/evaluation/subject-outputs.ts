import { basename } from 'node:path'
import type { CallOptions } from '../../../src-shared/contract.ts'
import type { DataSelection, Subject } from '../../../src-shared/reports.ts'
import type { Backend } from '../backend/backend.ts'
import { openNetworkOrOutputs, type OutputsCheckpoint } from '../checkpoint/checkpoint.ts'
import type { LoadedSelection } from '../data/load-selection.ts'
import { runNetwork, type ExitMatrices } from './run-network.ts'
import { entryOf, selectionFor, withState, type SubjectEntry } from './subject.ts'

/** The images that outputs are of: those of a request, or a file's own, numbered from 0. */
export type OutputImages = Pick<LoadedSelection, 'name' | 'hash' | 'split' | 'indices' | 'labels' | 'count'>

/** What every exit gives of some images: logits [N,C] and features [N,d], null where nobody asked or the file has none. */
export type SubjectOutputs = {
  entry: SubjectEntry
  images: OutputImages
  exits: ExitMatrices[]
}

type Wanted = { data: DataSelection; seed: number; wantsFeatures: boolean }

/**
 * What every exit of a subject gives: of a network by running it over the images of a request, of a file of outputs by
 * reading it. Throws UserError and UsageError where it is neither, or images don't fit.
 */
export async function outputsOf(
  backend: Backend,
  subject: Subject,
  { data, seed, wantsFeatures }: Wanted,
  { signal }: CallOptions,
  onFraction: (fraction: number) => void
): Promise<SubjectOutputs> {
  const opened = await openNetworkOrOutputs(subject.path)
  if (!opened.network) return given(subject, opened)
  return withState(backend, subject, opened, async ({ checkpoint, state, entry }) => {
    const selection = await selectionFor(checkpoint, data, seed)
    const options = { wantsFeatures, onFraction, ...(signal ? { signal } : {}) }
    const exits = await runNetwork(backend, checkpoint.network, state, selection, options)
    return { entry, images: selection, exits }
  })
}

function given(subject: Subject, checkpoint: OutputsCheckpoint): SubjectOutputs {
  const { path, hash, outputs } = checkpoint
  const { labels, exits, count } = outputs
  const images: OutputImages = {
    name: basename(path),
    hash,
    split: 'given',
    indices: Int32Array.from({ length: count }, (_, index) => index),
    labels,
    count
  }
  const entry = { ...entryOf(subject, checkpoint), data: { name: images.name, hash, split: images.split, count } }
  return { entry, images, exits }
}
