import type { CallOptions, EngineRequest, EngineResult, TensorDifferenceRow } from '../../../src-shared/contract.ts'
import { compareTensors } from '../../../src-shared/science/tensor-difference.ts'
import { withCheckpoint, type Opened } from '../checkpoint/checkpoint.ts'
import type { StoredTensor } from '../checkpoint/format.ts'
import { progressMeter } from '../progress.ts'
import { summarizeDifferences } from './summarize-differences.ts'
import { placesOf, type TensorPlace } from './tensor-places.ts'
import { valuesOf } from './tensor-statistics.ts'
import { createBatches } from './told-in-batches.ts'
import { afterAMoment, createTurns, type Turns } from './turns.ts'

export type DiffOptions = CallOptions & {
  /** Hears of the tensors as they are compared, some at a time. */
  onTensors?: (rows: TensorDifferenceRow[]) => void
}

/**
 * Compares two checkpoints tensor by tensor, by name: those of `a` in its order, then those that only `b` has. No more
 * than one tensor of each is in memory. Throws UserError where one cannot be read, CancelledError when the signal is aborted.
 */
export async function diffCheckpoints(
  { a, b }: EngineRequest<'diffCheckpoints'>,
  options: DiffOptions = {}
): Promise<EngineResult<'diffCheckpoints'>> {
  return withCheckpoint(a, (one) => withCheckpoint(b, (other) => compareOpened(one, other, options)))
}

async function compareOpened(
  a: Opened,
  b: Opened,
  { onProgress, onTensors, signal }: DiffOptions
): Promise<EngineResult<'diffCheckpoints'>> {
  const turns = createTurns(signal)
  const batches = createBatches(onTensors)
  const places = new Map([...placesOf(b.facts.network), ...placesOf(a.facts.network)])
  const names = [...new Set([...a.contents.tensors.keys(), ...b.contents.tensors.keys()])]
  const sizeOf = (name: string) => {
    const tensor = a.contents.tensors.get(name)
    return tensor && b.contents.tensors.has(name) ? valuesOf(tensor.shape) : 0
  }
  const meter = progressMeter(
    afterAMoment(onProgress),
    names.reduce((sum, name) => sum + sizeOf(name), 0)
  )
  const rows: TensorDifferenceRow[] = []
  let before = 0
  for (const name of names) {
    await turns.take()
    const tensors = { a: a.contents.tensors.get(name), b: b.contents.tensors.get(name) }
    const row = await compareOne(name, tensors, {
      place: places.get(name),
      turns,
      onPiece: (done) => meter.report(before + done, name)
    })
    before += sizeOf(name)
    rows.push(row)
    batches.add(row)
    meter.report(before, name)
  }
  batches.flush()
  const { path: pathA } = a.facts
  const { path: pathB } = b.facts
  return { a: pathA, b: pathB, summary: summarizeDifferences(rows), tensors: rows }
}

type Parts = { place: TensorPlace | undefined; turns: Turns; onPiece: (done: number) => void }

async function compareOne(
  name: string,
  { a, b }: { a: StoredTensor | undefined; b: StoredTensor | undefined },
  { place, turns, onPiece }: Parts
): Promise<TensorDifferenceRow> {
  const headers = { name, a: a ? headerOf(a) : null, b: b ? headerOf(b) : null, ...place }
  if (!a || !b) return { ...headers, state: a ? 'onlyInA' : 'onlyInB', ...noNumbers }
  if (String(a.shape) !== String(b.shape)) return { ...headers, state: 'shape', ...noNumbers }
  const values = await a.load()
  const { isEqual, ...numbers } = await turns.finish(compareTensors(values, await b.load()), onPiece)
  return { ...headers, state: isEqual && a.dtype === b.dtype ? 'equal' : 'differs', ...numbers }
}

const headerOf = ({ shape, dtype }: StoredTensor) => ({ shape, dtype })
const noNumbers = { maxAbs: NaN, meanAbs: NaN, relative: NaN, cosine: NaN, unequalFraction: NaN }
