import type { CallOptions, EngineRequest, EngineResult } from '../../../src-shared/contract.ts'
import { rowOf, type Matrix } from '../../../src-shared/science/matrix.ts'
import { ensembleLogits } from '../../../src-shared/science/softmax.ts'
import type { Backend } from '../backend/backend.ts'
import { nameOf } from '../checkpoint/checkpoint.ts'
import { summarize } from '../evaluation/evaluate.ts'
import { labelsOf } from '../evaluation/subject.ts'
import { outputsOf, type SubjectOutputs } from '../evaluation/subject-outputs.ts'
import { progressMeter } from '../progress.ts'

type OnData = EngineRequest<'predict'>

/** Every exit's logits and features, and the ensemble's logits, one row per image; no features where a file of outputs has none. */
export async function predict(
  backend: Backend,
  request: OnData,
  options: CallOptions = {}
): Promise<EngineResult<'predict'>> {
  const { exits } = await run(backend, request, options, true)
  const ensemble = ensembleLogits(exits.map(({ logits }) => logits))
  return {
    exits: exits.map(({ exit, logits, features }) => ({
      exit,
      logits: rows(logits),
      features: features ? rows(features) : []
    })),
    ensemble: { logits: rows(ensemble) }
  }
}

/** Accuracy and loss of every exit and of the ensemble. Throws UsageError without labels. */
export async function evaluate(
  backend: Backend,
  request: OnData,
  options: CallOptions = {}
): Promise<EngineResult<'evaluate'>> {
  const { entry, exits, images } = await run(backend, request, options, false)
  const { preprocessing, architecture } = entry
  return {
    ...summarize(exits, labelsOf(images)),
    ...(preprocessing ? { preprocessing } : {}),
    ...(architecture === undefined ? {} : { architecture })
  }
}

async function run(
  backend: Backend,
  { path, data, seed }: OnData,
  options: CallOptions,
  wantsFeatures: boolean
): Promise<SubjectOutputs> {
  const meter = progressMeter(options.onProgress, 1)
  const onFraction = (fraction: number) => meter.report(fraction, `Running ${nameOf(path)}`)
  return outputsOf(backend, { path }, { data, seed, wantsFeatures }, options, onFraction)
}

const rows = (matrix: Matrix): number[][] =>
  Array.from({ length: matrix.rows }, (_, index) => Array.from(rowOf(matrix, index)))
