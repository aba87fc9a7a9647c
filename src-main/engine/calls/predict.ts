import type { CallOptions, EngineRequest, EngineResult } from '../../../src-shared/contract.ts'
import { rowOf, type Matrix } from '../../../src-shared/science/matrix.ts'
import { ensembleLogits } from '../../../src-shared/science/softmax.ts'
import type { Backend } from '../backend/backend.ts'
import { summarize } from '../evaluation/evaluate.ts'
import { runNetwork, type ExitMatrices } from '../evaluation/run-network.ts'
import { labelsOf, selectionFor, withSubject } from '../evaluation/subject.ts'
import type { LoadedSelection } from '../data/load-selection.ts'
import { progressMeter } from '../progress.ts'

type OnData = EngineRequest<'predict'>

/** Every exit's logits and features, and the ensemble's logits, one row per image. */
export async function predict(
  backend: Backend,
  request: OnData,
  options: CallOptions = {}
): Promise<EngineResult<'predict'>> {
  const { exits } = await run(backend, request, options, true)
  const ensemble = ensembleLogits(exits.map(({ logits }) => logits))
  return {
    exits: exits.map(({ exit, logits, features }) => ({ exit, logits: rows(logits), features: rows(features!) })),
    ensemble: { logits: rows(ensemble) }
  }
}

/** Accuracy and loss of every exit and of the ensemble. Throws UsageError without labels. */
export async function evaluate(
  backend: Backend,
  request: OnData,
  options: CallOptions = {}
): Promise<EngineResult<'evaluate'>> {
  const { exits, selection } = await run(backend, request, options, false)
  return summarize(exits, labelsOf(selection))
}

async function run(
  backend: Backend,
  { path, data, seed }: OnData,
  { onProgress, signal }: CallOptions,
  wantsFeatures: boolean
): Promise<{ exits: ExitMatrices[]; selection: LoadedSelection }> {
  return withSubject(backend, { path }, async ({ checkpoint, state }) => {
    const selection = await selectionFor(checkpoint, data, seed)
    const meter = progressMeter(onProgress, 1)
    const exits = await runNetwork(backend, checkpoint.network, state, selection, {
      wantsFeatures,
      onFraction: (fraction) => meter.report(fraction, `Running ${checkpoint.name}`),
      ...(signal ? { signal } : {})
    })
    return { exits, selection }
  })
}

const rows = (matrix: Matrix): number[][] =>
  Array.from({ length: matrix.rows }, (_, index) => Array.from(rowOf(matrix, index)))
