import type { LossTermName, ProbeReport } from '../../src-shared/reports.ts'
import { extentOf, mergeSeeds, type CurvePoint } from './curves.ts'
import { loggedPanels } from './history-logged.ts'
import { roundEnds } from './history-rounds.ts'
import { thinSteps } from './history-steps.ts'
import { costByEpoch, isCostUnit, scaleOf, unitsOf, usualUnit, type HistoryUnit } from './history-units.ts'
import { lossShares, termsOf, termTitles } from './loss-shares.ts'
import { exitsOf, groupSubjects, type SubjectGroup } from './subjects.ts'

type Report = ProbeReport<'history'>
export type HistoryEntry = Report['checkpoints'][number]
/** A record of an epoch, or the mean of some steps, and where it stands on the axis. */
export type HistoryRecord = Omit<HistoryEntry['steps'][number], 'step'> & {
  x: number
  test?: HistoryEntry['epochs'][number]['test']
}

export type HistoryCurve = {
  subject: number
  part: 'train' | 'test'
  points: CurvePoint[]
  /** Place among the series' lines, which is its colour; absent where the panel's level is. */
  line?: number
}
export type HistoryPanel = {
  title: string
  /** 1-based exit or stage whose colour the panel has; 0 is none. */
  level: number
  curves: HistoryCurve[]
  /** Present where the panel shows a term's share of the loss. */
  term?: LossTermName
}
/** Panels with one y axis; those without a y title of their own name their quantity in the panel's. */
export type HistoryRow = { yTitle: string; scale: 'linear' | 'log'; yExtent: [number, number]; panels: HistoryPanel[] }
export type HistorySeries = {
  subjects: SubjectGroup<HistoryEntry>[]
  rows: HistoryRow[]
  xUnit: HistoryUnit
  xTitle: string
  /** As all x: in the unit that the title names. */
  xExtent: [number, number]
  /** Where one round ends and the next begins. */
  rounds: number[]
  /** Exits, or stages, whichever are more: the steps of the colour ramp. */
  levels: number
  /** Tags of logged curves, in the order of their colours. */
  lines: string[]
  /** Logged tags that there is no room for. */
  left: number
}

type Read = (record: HistoryRecord, entry: HistoryEntry) => number

/** A record for each epoch of each member of a group. */
function readEpochs(members: readonly HistoryEntry[], xUnit: HistoryUnit): [HistoryEntry, HistoryRecord[]][] {
  const costs = isCostUnit(xUnit) ? costByEpoch(members, xUnit) : null
  return members.map((entry) => {
    const ends = new Map(entry.steps.map(({ epoch, step }) => [epoch, step]))
    const placeOf = (epoch: number) => (xUnit === 'epoch' ? epoch : (costs ?? ends).get(epoch))
    const records = entry.epochs.flatMap((record) => {
      const x = placeOf(record.epoch)
      return x === undefined ? [] : [{ ...record, x }]
    })
    return [entry, records]
  })
}

/**
 * What to draw of a history report: rows of panels with a curve per subject, over the unit asked for where all runs have
 * it, else over the usual one.
 */
export function historySeries(report: Report, over: HistoryUnit = usualUnit(report)): HistorySeries {
  const xUnit = unitsOf(report).includes(over) ? over : usualUnit(report)
  const subjects = groupSubjects(report.checkpoints)
  const tests = new Map(subjects.flatMap(({ members }) => readEpochs(members, xUnit)))
  // Steps are averaged down to a few hundred.
  const stepsOf = ({ steps }: HistoryEntry): HistoryRecord[] =>
    thinSteps(steps).map(({ step, ...record }) => ({ ...record, x: step }))
  const records = xUnit === 'step' ? new Map(report.checkpoints.map((entry) => [entry, stepsOf(entry)])) : tests
  const all: HistoryRecord[] = [...records.values()].flat()
  const { title: xTitle, divisor } = scaleOf(xUnit, Math.max(0, ...all.map(({ x }) => x)))
  const longest = (pick: (record: HistoryRecord) => readonly number[]): number =>
    all.reduce((most, record) => Math.max(most, pick(record).length), 0)

  const curves = (read: Read, part: HistoryCurve['part'] = 'train'): HistoryCurve[] =>
    subjects.flatMap(({ members }, subject) => {
      const each = members.map((entry) =>
        ((part === 'test' ? tests : records).get(entry) ?? []).map((record) => ({
          x: record.x / divisor,
          y: read(record, entry),
          low: NaN,
          high: NaN
        }))
      )
      const points = mergeSeeds(each)
      return points.length > 0 ? [{ subject, part, points }] : []
    })

  const exits = exitsOf(report.checkpoints.map((entry) => ({ exits: entry.exits.map((exit) => ({ exit })) })))
  const stages = Math.max(0, longest(({ gradientMagnitude }) => gradientMagnitude) - 1)
  const at = (values: readonly number[] | undefined, entry: HistoryEntry, exit: number): number =>
    100 * (values?.[entry.exits.indexOf(exit)] ?? NaN)
  const accuracy: HistoryPanel[] = exits.map((exit) => ({
    title: `Exit ${exit}`,
    level: exit,
    curves: [
      ...curves(({ trainAccuracy }, entry) => at(trainAccuracy, entry, exit)),
      ...curves(({ test }, entry) => at(test?.accuracy, entry, exit), 'test')
    ]
  }))
  const ensemble = curves(({ test }) => 100 * (test?.ensembleAccuracy ?? NaN), 'test')
  if (exits.length > 1 && ensemble.length > 0) accuracy.push({ title: 'Ensemble', level: 0, curves: ensemble })

  const known = [...records].flatMap(([entry, list]) => list.map((record) => lossShares(record, entry)))
  const shares = termsOf(known).map((term): HistoryPanel => {
    const share: Read = (record, entry) => 100 * lossShares(record, entry)[term]
    return { title: termTitles[term], level: 0, term, curves: curves(share) }
  })
  const gradients: HistoryPanel[] = Array.from({ length: stages + 1 }, (_, i) => ({
    title: i === 0 ? 'Stem' : `Stage ${i}`,
    level: i,
    curves: curves(({ gradientMagnitude }) => positive(gradientMagnitude[i]))
  }))
  const logged = loggedPanels(subjects, xUnit)
  const rows = [
    makeRow('Accuracy (%)', 'linear', accuracy),
    makeRow('', 'linear', [{ title: 'Total loss (nats)', level: 0, curves: curves(({ total }) => total) }]),
    makeRow('', 'linear', shares),
    makeRow('', 'linear', [{ title: 'Learning rate', level: 0, curves: curves(({ learningRate }) => learningRate) }]),
    ...logged.panels.map((panel) => makeRow('', 'linear', [panel])),
    makeRow('Mean |gradient|', 'log', gradients)
  ].filter((row) => row.panels.some((panel) => panel.curves.length > 0))
  const loggedAt = logged.panels.flatMap(({ curves }) => curves.flatMap(({ points }) => points.map(({ x }) => x)))
  const xExtent = extentOf([...all.map(({ x }) => x / divisor), ...loggedAt], [0, 1])
  const rounds = roundEnds(report, xUnit)
  const { lines, left } = logged
  return { subjects, rows, xUnit, xTitle, xExtent, rounds, levels: Math.max(...exits, stages, 1), lines, left }
}

const positive = (value: number | undefined): number => (value !== undefined && value > 0 ? value : NaN)

function makeRow(yTitle: string, scale: HistoryRow['scale'], panels: HistoryPanel[]): HistoryRow {
  const values = panels.flatMap((panel) =>
    panel.curves.flatMap(({ points }) => points.flatMap(({ y, low, high }) => [y, low, high]))
  )
  const [low, high] = extentOf(values, scale === 'log' ? [0.01, 1] : [0, 1])
  // Losses, shares and learning rates start at zero; accuracies show their range.
  const fromZero = scale === 'linear' && !yTitle.startsWith('Accuracy')
  return { yTitle, scale, yExtent: [fromZero ? Math.min(0, low) : low, high], panels }
}
