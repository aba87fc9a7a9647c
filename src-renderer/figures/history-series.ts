import type { ProbeReport } from '../../src-shared/reports.ts'
import { extentOf, mergeSeeds, type CurvePoint } from './curves.ts'
import { thinSteps } from './history-steps.ts'
import { lossShares } from './loss-shares.ts'
import { exitsOf, groupSubjects, type SubjectGroup } from './subjects.ts'

type Report = ProbeReport<'history'>
export type HistoryEntry = Report['checkpoints'][number]
/** A record of an epoch, or the mean of some steps. */
export type HistoryRecord = HistoryEntry['steps'][number] & { test?: HistoryEntry['epochs'][number]['test'] }

export type HistoryCurve = { subject: number; part: 'train' | 'test'; points: CurvePoint[] }
export type HistoryPanel = {
  title: string
  /** 1-based exit or stage whose colour the panel has; 0 is none. */
  level: number
  curves: HistoryCurve[]
}
/** Panels with one y axis; those without a y title of their own name their quantity in the panel's. */
export type HistoryRow = { yTitle: string; scale: 'linear' | 'log'; yExtent: [number, number]; panels: HistoryPanel[] }
export type HistorySeries = {
  subjects: SubjectGroup<HistoryEntry>[]
  rows: HistoryRow[]
  xUnit: HistoryUnit
  xExtent: [number, number]
  /** Exits, or stages, whichever are more: the steps of the colour ramp. */
  levels: number
}

type Read = (record: HistoryRecord, entry: HistoryEntry) => number

/** What a history is drawn over; by default epochs where any run has two of them. */
export type HistoryUnit = 'epoch' | 'step'

/** The unit that a report is drawn over unless another one is asked for. */
export const usualUnit = ({ checkpoints }: Report): HistoryUnit =>
  checkpoints.some(({ epochs }) => epochs.length > 1) ? 'epoch' : 'step'

/** A record for each epoch; its `step` is where it stands on the axis. */
function readEpochs({ steps, epochs }: HistoryEntry, xUnit: HistoryUnit): HistoryRecord[] {
  if (xUnit === 'epoch') return epochs.map((record) => ({ ...record, step: record.epoch }))
  const ends = new Map(steps.map(({ epoch, step }) => [epoch, step]))
  return epochs.flatMap((record) => {
    const step = ends.get(record.epoch)
    return step === undefined ? [] : [{ ...record, step }]
  })
}

/** What to draw of a history report: rows of panels over epochs or steps, a curve per subject. */
export function historySeries(report: Report, xUnit: HistoryUnit = usualUnit(report)): HistorySeries {
  const subjects = groupSubjects(report.checkpoints)
  const tests = new Map(report.checkpoints.map((entry) => [entry, readEpochs(entry, xUnit)]))
  // Steps are averaged down to a few hundred.
  const records =
    xUnit === 'epoch' ? tests : new Map(report.checkpoints.map((entry) => [entry, thinSteps(entry.steps)]))
  const all: HistoryRecord[] = [...records.values()].flat()
  const longest = (pick: (record: HistoryRecord) => readonly number[]): number =>
    all.reduce((most, record) => Math.max(most, pick(record).length), 0)

  const curves = (read: Read, part: HistoryCurve['part'] = 'train'): HistoryCurve[] =>
    subjects.flatMap(({ members }, subject) => {
      const each = members.map((entry) =>
        ((part === 'test' ? tests : records).get(entry) ?? []).map((record) => ({
          x: record.step,
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

  const share =
    (term: 'crossEntropy' | 'kl' | 'hint'): Read =>
    (record, entry) =>
      100 * lossShares(record, entry)[term]
  // Without distillation the cross entropy is all there is.
  const distils = report.checkpoints.some(({ method }) => method === 'self-distillation')
  const shares: HistoryPanel[] = !distils
    ? []
    : [
        { title: 'Cross entropy (%)', level: 0, curves: curves(share('crossEntropy')) },
        { title: 'KL (%)', level: 0, curves: curves(share('kl')) },
        { title: 'Hint (%)', level: 0, curves: curves(share('hint')) }
      ]
  const gradients: HistoryPanel[] = Array.from({ length: stages + 1 }, (_, i) => ({
    title: i === 0 ? 'Stem' : `Stage ${i}`,
    level: i,
    curves: curves(({ gradientMagnitude }) => positive(gradientMagnitude[i]))
  }))
  const rows = [
    makeRow('Accuracy (%)', 'linear', accuracy),
    makeRow('', 'linear', [{ title: 'Total loss (nats)', level: 0, curves: curves(({ total }) => total) }]),
    makeRow('', 'linear', shares),
    makeRow('', 'linear', [{ title: 'Learning rate', level: 0, curves: curves(({ learningRate }) => learningRate) }]),
    makeRow('Mean |gradient|', 'log', gradients)
  ].filter((row) => row.panels.some((panel) => panel.curves.length > 0))
  const xExtent = extentOf(
    all.map(({ step }) => step),
    [0, 1]
  )
  return { subjects, rows, xUnit, xExtent, levels: Math.max(...exits, stages, 1) }
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
