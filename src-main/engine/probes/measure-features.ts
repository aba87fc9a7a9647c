import type { CallOptions } from '../../../src-shared/contract.ts'
import { UserError } from '../../../src-shared/errors.ts'
import type { DataSelection, Subject } from '../../../src-shared/reports.ts'
import type { Matrix } from '../../../src-shared/science/matrix.ts'
import type { Backend } from '../backend/backend.ts'
import { labelsOf, type SubjectEntry } from '../evaluation/subject.ts'
import { outputsOf, type OutputImages } from '../evaluation/subject-outputs.ts'
import type { MeasuredOn } from './probe.ts'

/** A checkpoint's features [N,d] and logits [N,C] at every exit on one selection of images. */
export type MeasuredFeatures = {
  entry: SubjectEntry
  selection: OutputImages
  labels: Int32Array
  exits: { exit: number; features: Matrix; logits: Matrix }[]
}

/** What a report's provenance names: the images of networks, and a file's own where there is no network. */
export const dataOf = ({ entry, selection }: MeasuredFeatures, before: MeasuredOn | null): MeasuredOn =>
  entry.data && before ? before : selection

/**
 * Runs a checkpoint over the images of a request, or reads what a file of outputs holds. Throws UsageError if images don't
 * fit or have no labels, UserError where there are no features.
 */
export async function measureFeatures(
  backend: Backend,
  subject: Subject,
  { data, seed }: { data: DataSelection; seed: number },
  options: CallOptions,
  onFraction: (fraction: number) => void
): Promise<MeasuredFeatures> {
  const wanted = { data, seed, wantsFeatures: true }
  const { entry, images, exits } = await outputsOf(backend, subject, wanted, options, onFraction)
  const withFeatures = exits.map(({ exit, logits, features }) => {
    if (features) return { exit, logits, features }
    throw new UserError(
      `${subject.path} holds no features of exit ${exit}; save them beside its logits as "features${exit}".`
    )
  })
  return { entry, selection: images, labels: labelsOf(images), exits: withFeatures }
}
