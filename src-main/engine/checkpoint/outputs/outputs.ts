import type { Matrix } from '../../../../src-shared/science/matrix.ts'
import type { StoredTensor } from '../format.ts'
import type { StoredOutputs } from './stored-outputs.ts'

/** A file's outputs, read. */
export type Outputs = {
  labels: Int32Array
  /** Shallowest first; logits [N,C], features [N,d]. */
  exits: { exit: number; logits: Matrix; features: Matrix | null }[]
  count: number
  classes: number
}

/** The outputs that tensors are, by their names and shapes; null where they are something else. */
export function findOutputs(_tensors: ReadonlyMap<string, StoredTensor>): StoredOutputs | null {
  return null
}

/** Reads outputs whole. Throws UserError where labels or shapes do not fit together. */
export function readOutputs(_path: string, _stored: StoredOutputs): Promise<Outputs> {
  return Promise.reject(new Error('not yet'))
}
