import type { ProbeReport } from '../../src-shared/reports.ts'
import { mean } from '../../src-shared/science/statistics.ts'
import { costOf } from './history-units.ts'
import { groupSubjects } from './subjects.ts'

/** What training took up to the last epoch that was recorded: means over a subject's seeds. */
export type TrainingCost = {
  subject: string
  /** Its place among the subjects: its dash and marker. */
  index: number
  seeds: number
  /** Fewest and most over the seeds. */
  epochs: [number, number]
  /** NaN unless every seed has recorded it, as in older runs. */
  seconds: number
  multiplyAdds: number
  /** Mean over the epochs. */
  imagesPerSecond: number
}

/** The cost of every subject's training, in the report's order; NaN before the first epoch has ended. */
export function trainingCosts({ checkpoints }: ProbeReport<'history'>): TrainingCost[] {
  return groupSubjects(checkpoints).map(({ label, members }, index) => {
    const counts = members.map(({ epochs }) => epochs.length)
    const lasts = members.map(({ epochs }) => epochs.at(-1))
    const meanCost = (unit: 'seconds' | 'multiply-adds') =>
      mean(lasts.map((last) => (last === undefined ? NaN : costOf(last, unit))))
    return {
      subject: label,
      index,
      seeds: members.length,
      epochs: [Math.min(...counts), Math.max(...counts)],
      seconds: meanCost('seconds'),
      multiplyAdds: meanCost('multiply-adds'),
      imagesPerSecond: mean(members.map(({ epochs }) => mean(epochs.map((record) => record.imagesPerSecond))))
    }
  })
}
