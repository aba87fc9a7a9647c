import type { EpochRecord, LossTermName, StepRecord } from '../../../src-shared/reports.ts'
import { summarize } from '../evaluation/evaluate.ts'

type Evaluation = ReturnType<typeof summarize>

/** An epoch's record: means over its steps, and what the network measured at its end. */
export function epochRecord(
  epoch: number,
  steps: StepRecord[],
  test: Evaluation,
  validation: Evaluation | null,
  cost: Pick<EpochRecord, 'trainSeconds' | 'trainMultiplyAdds'>
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
    ...cost,
    ...weightedMeans(steps),
    test: { ...measured(test), ensembleAccuracy: test.ensemble.accuracy, ensembleLoss: test.ensemble.loss },
    ...(validation ? { validation: measured(validation) } : {})
  }
}

/** Means of the weighted terms; absent where the steps have none. */
function weightedMeans(steps: StepRecord[]): Pick<EpochRecord, 'weighted'> {
  const first = steps[0]?.weighted
  if (!first) return {}
  const names = Object.keys(first) as LossTermName[]
  const mean = (name: LossTermName) =>
    steps.reduce((sum, { weighted }) => sum + (weighted?.[name] ?? NaN), 0) / steps.length
  return { weighted: Object.fromEntries(names.map((name) => [name, mean(name)])) }
}

const measured = ({ exits }: Evaluation) => ({
  accuracy: exits.map(({ accuracy }) => accuracy),
  loss: exits.map(({ loss }) => loss)
})
