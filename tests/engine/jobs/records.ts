import type { LiveHistory } from '../../../src-shared/jobs.ts'
import type { StepRecord } from '../../../src-shared/reports.ts'

/** A step of four exits whose numbers tell its own. */
export const stepRecord = (step: number, changes: Partial<StepRecord> = {}): StepRecord => ({
  step,
  epoch: 1,
  learningRate: 0.05,
  total: step,
  crossEntropy: [step, 2 * step, 3 * step, 4 * step],
  kl: [step, step, step],
  hint: [1, 1, 1],
  trainAccuracy: [0.1, 0.2, 0.3, 0.4],
  gradientMagnitude: [1, 2, 3, 4, 5],
  imagesPerSecond: 100,
  ...changes
})

export const liveOf = (steps: number[], isStart = false): LiveHistory => ({
  isStart,
  header: {
    run: '/runs/noisy',
    method: 'self-distillation',
    exits: [1, 2, 3, 4],
    weights: { alpha: 0.3, lambda: 0.03, temperature: 3 },
    epochs: 2,
    stepsPerEpoch: 3,
    network: 'resnet18, width 2, 10 classes, 4 exits'
  },
  steps: steps.map((step) => stepRecord(step)),
  epochs: []
})
