import type { ProbeReport } from '../../src-shared/reports.ts'
import { formatTick } from './numbers.ts'

type Report = ProbeReport<'history'>
type Entry = Report['checkpoints'][number]
type EpochRecord = Entry['epochs'][number]

/** What a history is drawn over: training time and multiply-adds compare what runs cost. */
export type HistoryUnit = 'epoch' | 'step' | CostUnit
/** Units that only records of epochs have, and not those of older runs. */
export type CostUnit = 'seconds' | 'multiply-adds'

const costUnits = ['seconds', 'multiply-adds'] as const

export const isCostUnit = (unit: HistoryUnit): unit is CostUnit => unit === 'seconds' || unit === 'multiply-adds'

/** The unit that a report is drawn over unless another one is asked for: epochs where any run has two, or a log is of them. */
export const usualUnit = ({ checkpoints }: Report): HistoryUnit =>
  checkpoints.some(({ epochs, curves = [] }) => epochs.length > 1 || curves.some(({ unit }) => unit === 'epoch'))
    ? 'epoch'
    : 'step'

/** What a report can be drawn over, the usual unit first; a cost only where every epoch of every run has it. */
export function unitsOf(report: Report): HistoryUnit[] {
  const { checkpoints } = report
  const costs = costUnits.filter((unit) =>
    checkpoints.every(
      ({ epochs }) => epochs.length > 0 && epochs.every((record) => Number.isFinite(costOf(record, unit)))
    )
  )
  const plain: HistoryUnit[] = usualUnit(report) === 'epoch' ? ['epoch', 'step'] : ['step', 'epoch']
  // Records are of both; a log is of what it says.
  const logged = new Set(checkpoints.flatMap(({ curves = [] }) => curves.map(({ unit }) => unit)))
  const known =
    logged.size > 0 && checkpoints.every(({ steps, epochs }) => steps.length + epochs.length === 0)
      ? plain.filter((unit) => logged.has(unit as 'step' | 'epoch'))
      : plain
  return checkpoints.length > 0 ? [...known, ...costs] : known
}

/** Seconds or multiply-adds up to the end of an epoch; NaN where they were not recorded. */
export const costOf = ({ trainSeconds, trainMultiplyAdds }: EpochRecord, unit: CostUnit): number =>
  (unit === 'seconds' ? trainSeconds : trainMultiplyAdds) ?? NaN

/** The cost up to the end of each epoch, by its number: seeds differ in seconds, and count as one by their mean. */
export function costByEpoch(members: readonly Entry[], unit: CostUnit): Map<number, number> {
  const gathered = new Map<number, number[]>()
  for (const { epochs } of members)
    for (const record of epochs)
      gathered.set(record.epoch, [...(gathered.get(record.epoch) ?? []), costOf(record, unit)])
  return new Map(
    [...gathered].map(([epoch, costs]) => [epoch, costs.reduce((sum, cost) => sum + cost, 0) / costs.length])
  )
}

/** How numbers of a unit are shown: divided by `divisor`, under a title that says so. */
export type UnitScale = { title: string; divisor: number }

/** Scale of numbers up to `most`: minutes and hours for long times, 10⁹, 10¹² and so on for multiply-adds. */
export function scaleOf(unit: HistoryUnit, most: number): UnitScale {
  if (unit === 'epoch') return { title: 'Epoch', divisor: 1 }
  if (unit === 'step') return { title: 'Step', divisor: 1 }
  if (unit === 'seconds') {
    const [divisor, word] = most >= 2 * 3600 ? [3600, 'h'] : most >= 600 ? [60, 'min'] : [1, 's']
    return { title: `Training time (${word})`, divisor }
  }
  const power = most >= 1e6 && Number.isFinite(most) ? 3 * Math.floor(Math.log10(most) / 3 + 1e-9) : 0
  const divisor = Number(`1e${power}`)
  return { title: power === 0 ? 'Multiply-adds' : `Multiply-adds (${formatTick(divisor)})`, divisor }
}
