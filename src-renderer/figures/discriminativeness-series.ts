import type { ProbeReport } from '../../src-shared/reports.ts'
import { extentOf, summarizeSeeds, type CurvePoint } from './curves.ts'
import { formatCount } from './numbers.ts'
import { exitsOf, groupSubjects, type SubjectGroup } from './subjects.ts'

export type DiscriminativenessQuantity = 'ratio' | 'silhouette' | 'knnAccuracy'
type Report = ProbeReport<'discriminativeness'>
type Entry = Report['checkpoints'][number]

export type DiscriminativenessSeries = {
  subjects: SubjectGroup<Entry>[]
  exits: number[]
  /** A subject's value per exit; x is the exit, kNN accuracy is per cent. */
  curves: { subject: number; points: CurvePoint[] }[]
  yExtent: [number, number]
  /** The values span so much that a logarithmic axis reads better. */
  logarithmic: boolean
  /** N, C and d of the measurement, and what limits it. */
  facts: string[]
}

/** Axis title of each quantity. */
export const discriminativenessTitles: Record<DiscriminativenessQuantity, string> = {
  ratio: 'SSE / SSB (smaller: denser classes)',
  silhouette: 'Mean silhouette coefficient',
  knnAccuracy: 'Accuracy of 10 nearest neighbours (%)'
}

/** Above this quotient of largest and smallest ratio the axis is logarithmic. */
const logarithmicFrom = 12

function readPoint(members: readonly Entry[], exit: number, quantity: DiscriminativenessQuantity): CurvePoint {
  const rows = members.flatMap((entry) => entry.exits.filter((row) => row.exit === exit))
  const scale = quantity === 'knnAccuracy' ? 100 : 1
  const [only] = rows
  if (rows.length === 1 && only !== undefined) {
    const { low, high } = quantity === 'ratio' ? only.ratioInterval : { low: NaN, high: NaN }
    return { x: exit, y: scale * only[quantity], low, high }
  }
  return { x: exit, ...summarizeSeeds(rows.map((row) => scale * row[quantity])) }
}

/** `a to b`, or `a` where they are equal. */
function describeRange(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  return low === high ? formatCount(low) : `${formatCount(low)} to ${formatCount(high)}`
}

function describeFacts({ checkpoints, request }: Report): string[] {
  const dimensions = checkpoints.flatMap((entry) => entry.exits.map((row) => row.dimensions))
  const size = [
    `N = ${describeRange(checkpoints.map((entry) => entry.count))} images`,
    `C = ${describeRange(checkpoints.map((entry) => entry.classes))} classes`,
    ...(dimensions.length > 0 ? [`d = ${describeRange(dimensions)} ${request.features} features`] : [])
  ]
  return [`${size.join(', ')}.`, ...new Set(checkpoints.flatMap((entry) => entry.warnings))]
}

/** What to draw of a discriminativeness report: a curve over the exits per subject. */
export function discriminativenessSeries(
  report: Report,
  quantity: DiscriminativenessQuantity
): DiscriminativenessSeries {
  const subjects = groupSubjects(report.checkpoints)
  const exits = exitsOf(report.checkpoints)
  const curves = subjects.map(({ members }, subject) => ({
    subject,
    points: exits.map((exit) => readPoint(members, exit, quantity)).filter(({ y }) => Number.isFinite(y))
  }))
  const values = curves.flatMap(({ points }) => points.flatMap(({ y, low, high }) => [y, low, high]))
  const yExtent = extentOf(values, [0, 1])
  const logarithmic = quantity === 'ratio' && yExtent[0] > 0 && yExtent[1] / yExtent[0] > logarithmicFrom
  return { subjects, exits, curves, yExtent, logarithmic, facts: describeFacts(report) }
}
