import type { ProbeReport, Protocol } from '../../src-shared/reports.ts'
import { extentOf, interpolateCurve, mergeSeeds, type CurvePoint } from './curves.ts'
import { exitsOf, groupSubjects, type SubjectGroup } from './subjects.ts'

export type FlatnessQuantity = 'accuracy' | 'loss'
type Report = ProbeReport<'flatness'>
type Entry = Report['checkpoints'][number]
type Split = Entry['exits'][number]['split']

/** One subject's curve at an exit; accuracies are per cent. */
export type FlatnessCurve = {
  subject: number
  points: CurvePoint[]
  /** On the curve at the sigma where accuracy has fallen by 1, 5 and 10 points; those reached. */
  drops: CurvePoint[]
}
export type FlatnessPanel = { exit: number; curves: FlatnessCurve[] }
/** The exits under one protocol on one split. */
export type FlatnessRow = {
  protocol: Protocol
  split: Split
  heading: string
  xTitle: string
  xMax: number
  panels: FlatnessPanel[]
}
export type FlatnessSeries = {
  subjects: SubjectGroup<Entry>[]
  exits: number[]
  rows: FlatnessRow[]
  /** Of every panel, before rounding. */
  yExtent: [number, number]
}

export const shownDrops: readonly number[] = [1, 5, 10]

const protocolNames: Record<Protocol, string> = {
  a: 'protocol A: absolute noise, BatchNorm statistics kept',
  b: 'protocol B: noise relative to each filter’s norm, BatchNorm statistics kept',
  c: 'protocol C: relative noise, BatchNorm statistics re-estimated'
}
const xTitles: Record<Protocol, string> = {
  a: 'σ of the weight noise',
  b: 'σ (share of filter norm)',
  c: 'σ (share of filter norm)'
}
const splitNames: Record<Split, string> = { train: 'Train split', test: 'Test split', given: 'Given images' }

type Key = { exit: number; protocol: Protocol; split: Split }
const matches = (key: Key) => (row: Key) =>
  row.exit === key.exit && row.protocol === key.protocol && row.split === key.split

function readCurve(entry: Entry, key: Key, quantity: FlatnessQuantity): CurvePoint[] {
  const scale = quantity === 'accuracy' ? 100 : 1
  return entry.exits.filter(matches(key)).map((row) => {
    const { mean, low, high } = row[quantity]
    return { x: row.sigma, y: scale * mean, low: scale * low, high: scale * high }
  })
}

/** Mean over the members of the sigma at a drop; NaN unless every member reaches it. */
function readDrop(members: readonly Entry[], key: Key, drop: number): number {
  const sigmas = members.map((entry) => entry.drops.filter(matches(key)).find((row) => row.drop === drop)?.sigma ?? NaN)
  return sigmas.reduce((sum, sigma) => sum + sigma, 0) / sigmas.length
}

function makeCurve(members: readonly Entry[], subject: number, key: Key, quantity: FlatnessQuantity): FlatnessCurve {
  const points = mergeSeeds(members.map((entry) => readCurve(entry, key, quantity)))
  const drops = shownDrops.flatMap((drop) => {
    const x = readDrop(members, key, drop)
    const y = interpolateCurve(points, x)
    return Number.isFinite(y) ? [{ x, y, low: NaN, high: NaN }] : []
  })
  return { subject, points, drops }
}

/** What to draw of a flatness report: rows of protocol and split, a panel per exit, a curve per subject. */
export function flatnessSeries(report: Report, quantity: FlatnessQuantity): FlatnessSeries {
  const subjects = groupSubjects(report.checkpoints)
  const exits = exitsOf(report.checkpoints)
  const measured = report.checkpoints.flatMap((entry) => entry.exits)
  const rows = (['a', 'b', 'c'] as const).flatMap((protocol) =>
    (['train', 'test', 'given'] as const).flatMap((split): FlatnessRow[] => {
      const here = measured.filter((row) => row.protocol === protocol && row.split === split)
      if (here.length === 0) return []
      const panels = exits.map((exit) => ({
        exit,
        curves: subjects
          .map(({ members }, subject) => makeCurve(members, subject, { exit, protocol, split }, quantity))
          .filter(({ points }) => points.length > 0)
      }))
      // Of what is drawn: where seeds differ in their range, their mean ends where the first of them does.
      const drawn = panels.flatMap(({ curves }) => curves.flatMap(({ points }) => points.map(({ x }) => x)))
      const xMax = extentOf([0, ...drawn], [0, 1])[1]
      const heading = `${splitNames[split]} · ${protocolNames[protocol]}`
      return [{ protocol, split, heading, xTitle: xTitles[protocol], xMax, panels }]
    })
  )
  const points = rows.flatMap((row) => row.panels.flatMap((panel) => panel.curves.flatMap((curve) => curve.points)))
  const yExtent = extentOf(
    points.flatMap(({ y, low, high }) => [y, low, high]),
    [0, quantity === 'accuracy' ? 100 : 1]
  )
  return { subjects, exits, rows, yExtent }
}

/** What a curve's markers say; empty where there are none. */
export function describeDrops({ rows }: FlatnessSeries): string {
  const curves = rows.flatMap((row) => row.panels.flatMap((panel) => panel.curves))
  const reached = curves.filter(({ drops }) => drops.length > 0).length
  const ends = 'the ends of a curve that never falls by 1'
  if (reached === 0) return 'Markers: ends of the curves; no accuracy falls by 1 point.'
  return `Markers: σ at which accuracy has fallen by 1, 5 and 10 points${reached < curves.length ? `, or ${ends}` : ''}.`
}
