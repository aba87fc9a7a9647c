import type { EpochRecord, StepRecord } from '../../../src-shared/reports.ts'
import { summarize } from '../evaluation/evaluate.ts'

type Evaluation = ReturnType<typeof summarize>

/** An epoch's record: means over its steps, and what the network measured at its end. */
export function epochRecord(
  epoch: number,
  steps: StepRecord[],
  test: Evaluation,
  validation: Evaluation | null
): EpochRecord {
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length
  const meanOf = (pick: (step: StepRecord) => number) => mean(steps.map(pick))
  const meansOf = (pick: (step: StepRecord) => number[]) =>
    (steps[0] ? pick(steps[0]) : []).map((_, index) => meanOf((step) => pick(step)[index]!))
  return {
    epoch,
    learningRate: meanOf((step) => step.learningRate),
    total: meanOf((step) => step.total),
    crossEntropy: meansOf((step) => step.crossEntropy),
    kl: meansOf((step) => step.kl),
    hint: meansOf((step) => step.hint),
    trainAccuracy: meansOf((step) => step.trainAccuracy),
    gradientMagnitude: meansOf((step) => step.gradientMagnitude),
    imagesPerSecond: meanOf((step) => step.imagesPerSecond),
    test: { ...measured(test), ensembleAccuracy: test.ensemble.accuracy, ensembleLoss: test.ensemble.loss },
    ...(validation ? { validation: measured(validation) } : {})
  }
}

const measured = ({ exits }: Evaluation) => ({
  accuracy: exits.map(({ accuracy }) => accuracy),
  loss: exits.map(({ loss }) => loss)
})
