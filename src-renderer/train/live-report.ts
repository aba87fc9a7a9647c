import type { Job, LiveHistory } from '../../src-shared/jobs.ts'
import type { ProbeReport } from '../../src-shared/reports.ts'
import { nameOfRun } from './runs.ts'

/**
 * A run's live records as the report of the history probe, so that the same figure draws them; null before the first
 * step. The backend is unknown here and left empty.
 */
export function liveReport({ header, steps, epochs }: LiveHistory, job: Job): ProbeReport<'history'> | null {
  if (steps.length === 0) return null
  const { run, method, exits, weights, network, epochsPerRound } = header
  const rounds = epochsPerRound === undefined ? {} : { epochsPerRound }
  const name = nameOfRun(run)
  const seed = job.spec.kind === 'train' ? job.spec.config.seed : 0
  return {
    kind: 'history',
    request: { checkpoints: [{ path: run, name }] },
    provenance: {
      seed,
      data: null,
      software: {},
      backend: '',
      device: '',
      createdAt: new Date().toISOString(),
      seconds: NaN
    },
    checkpoints: [
      {
        ...{ path: run, name, group: name, role: method, seed, hash: '' },
        ...{ network, method, exits, weights, ...rounds, steps, epochs }
      }
    ]
  }
}

/** Where a run stands now; numbers are NaN while unknown. */
export type Headline = {
  /** 1-based; 0 before the first step. */
  epoch: number
  epochs: number
  step: number
  /** Of the whole run. */
  steps: number
  loss: number
  learningRate: number
  imagesPerSecond: number
  /** Accuracies, 0..1: of the last steps, and on the test split after the last epoch. */
  exits: { exit: number; train: number; test: number }[]
  ensemble: number
}

/** The newest numbers of a run. */
export function headlineOf({ header, steps, epochs }: LiveHistory): Headline {
  const step = steps.at(-1)
  const tested = epochs.at(-1)?.test
  return {
    epoch: step?.epoch ?? 0,
    epochs: header.epochs,
    step: step?.step ?? 0,
    steps: header.epochs * header.stepsPerEpoch,
    loss: step?.total ?? NaN,
    learningRate: step?.learningRate ?? NaN,
    imagesPerSecond: step?.imagesPerSecond ?? NaN,
    exits: header.exits.map((exit, position) => ({
      exit,
      train: step?.trainAccuracy[position] ?? NaN,
      test: tested?.accuracy[position] ?? NaN
    })),
    ensemble: tested?.ensembleAccuracy ?? NaN
  }
}
