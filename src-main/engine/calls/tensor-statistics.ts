import type { CallOptions, EngineRequest, EngineResult, TensorStatisticsRow } from '../../../src-shared/contract.ts'
import { measureTensor } from '../../../src-shared/science/tensor-statistics.ts'
import { withCheckpoint } from '../checkpoint/checkpoint.ts'
import { progressMeter } from '../progress.ts'
import { createBatches } from './told-in-batches.ts'
import { placesOf } from './tensor-places.ts'
import { afterAMoment, createTurns } from './turns.ts'

export type StatisticsOptions = CallOptions & {
  /** Hears of the tensors as they are measured, some at a time. */
  onTensors?: (rows: TensorStatisticsRow[]) => void
}

/**
 * Statistics of every tensor of a checkpoint, read one after the other: no more than one is in memory, and this process
 * answers others meanwhile. Throws UserError where a tensor cannot be read, CancelledError when the signal is aborted.
 */
export async function tensorStatistics(
  { path }: EngineRequest<'tensorStatistics'>,
  { onProgress, onTensors, signal }: StatisticsOptions = {}
): Promise<EngineResult<'tensorStatistics'>> {
  return withCheckpoint(path, async ({ facts, contents }) => {
    const places = placesOf(facts.network)
    const turns = createTurns(signal)
    const batches = createBatches(onTensors)
    const total = [...contents.tensors.values()].reduce((sum, { shape }) => sum + valuesOf(shape), 0)
    const meter = progressMeter(afterAMoment(onProgress), total)
    const rows: TensorStatisticsRow[] = []
    let before = 0
    for (const [name, { shape, dtype, load }] of contents.tensors) {
      await turns.take()
      const values = await load()
      const statistics = await turns.finish(measureTensor(values), (done) => meter.report(before + done / 2, name))
      before += values.length
      const row = { name, shape, dtype, ...places.get(name), ...statistics }
      rows.push(row)
      batches.add(row)
      meter.report(before, name)
    }
    batches.flush()
    return { path, tensors: rows }
  })
}

/** Values of a tensor of a shape. */
export const valuesOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1)
