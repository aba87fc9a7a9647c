import type { CallOptions } from '../../../src-shared/contract.ts'
import type { DataSelection, Subject } from '../../../src-shared/reports.ts'
import type { Matrix } from '../../../src-shared/science/matrix.ts'
import type { Backend } from '../backend/backend.ts'
import type { LoadedSelection } from '../data/load-selection.ts'
import { runNetwork } from '../evaluation/run-network.ts'
import { labelsOf, selectionFor, withSubject, type SubjectEntry } from '../evaluation/subject.ts'

/** A checkpoint's features [N,d] and logits [N,C] at every exit on one selection of images. */
export type MeasuredFeatures = {
  entry: SubjectEntry
  selection: LoadedSelection
  labels: Int32Array
  exits: { exit: number; features: Matrix; logits: Matrix }[]
}

/** Runs a checkpoint over the images of a request. Throws UsageError if they don't fit or have no labels. */
export async function measureFeatures(
  backend: Backend,
  subject: Subject,
  { data, seed }: { data: DataSelection; seed: number },
  { signal }: CallOptions,
  onFraction: (fraction: number) => void
): Promise<MeasuredFeatures> {
  return withSubject(backend, subject, async ({ checkpoint, state, entry }) => {
    const selection = await selectionFor(checkpoint, data, seed)
    const labels = labelsOf(selection)
    const options = { wantsFeatures: true, onFraction, ...(signal ? { signal } : {}) }
    const exits = await runNetwork(backend, checkpoint.network, state, selection, options)
    return {
      entry,
      selection,
      labels,
      exits: exits.map(({ exit, logits, features }) => ({ exit, logits, features: features! }))
    }
  })
}
