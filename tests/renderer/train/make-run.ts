import type { Job, JobState, LiveHistory } from '../../../src-shared/jobs.ts'
import type { EpochRecord, StepRecord } from '../../../src-shared/reports.ts'
import { buildRunConfig, type TrainOptions } from '../../../src-shared/train-options.ts'

/** A training job as the engine tells of it. */
export function makeJob(
  name: string,
  { state = 'done', options = {}, ...changed }: Partial<Job> & { options?: TrainOptions; state?: JobState } = {}
): Job {
  return {
    id: `job-${name}`,
    spec: { kind: 'train', name, config: buildRunConfig(options) },
    title: `Train ${name}`,
    state,
    progress: { fraction: 0.5, secondsLeft: 60, message: 'Training, epoch 1 of 2' },
    createdAt: '2026-01-01T00:00:00.000Z',
    startedAt: '2026-01-01T00:00:10.000Z',
    endedAt: null,
    error: null,
    run: `/lab/runs/${name}`,
    attempts: 1,
    ...changed
  }
}

const terms = { crossEntropy: [3, 2, 2, 1], kl: [1, 1, 1], hint: [4, 2, 1], gradientMagnitude: [5, 4, 3, 2, 1] }

/** A step's record; every exit has the accuracy `accuracy`. */
export const makeStep = (step: number, epoch: number, changed: Partial<StepRecord> = {}): StepRecord => ({
  ...{ step, epoch, learningRate: 0.05, total: 10, trainAccuracy: [0.1, 0.2, 0.3, 0.4], imagesPerSecond: 100 },
  ...terms,
  ...changed
})

/** An epoch's record. */
export const makeEpoch = (epoch: number, changed: Partial<EpochRecord> = {}): EpochRecord => ({
  ...{ epoch, learningRate: 0.04, total: 9, trainAccuracy: [0.2, 0.3, 0.4, 0.5], imagesPerSecond: 200 },
  ...terms,
  test: { accuracy: [0.5, 0.6, 0.7, 0.8], loss: [1, 1, 1, 1], ensembleAccuracy: 0.75, ensembleLoss: 1 },
  ...changed
})

/** What a follower knows of a run of four exits. */
export function makeLive(steps: StepRecord[], epochs: EpochRecord[] = []): LiveHistory {
  return {
    isStart: true,
    header: {
      run: '/lab/runs/mine',
      method: 'self-distillation',
      exits: [1, 2, 3, 4],
      weights: { alpha: 0.3, lambda: 0.03, temperature: 3 },
      epochs: 2,
      stepsPerEpoch: 3,
      network: 'ResNet18, width 8, 10 classes, 4 exits'
    },
    steps,
    epochs
  }
}
