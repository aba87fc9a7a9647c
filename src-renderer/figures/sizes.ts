import type { ProbeReport } from '../../src-shared/reports.ts'
import { flatnessSeries } from './flatness-series.ts'
import { gradientsSeries } from './gradients-series.ts'
import { historySeries } from './history-series.ts'
import { layoutLegend } from './legend-layout.ts'
import { exitsOf, groupSubjects, type SubjectEntry } from './subjects.ts'

/** Pixels. */
export type FigureSize = { width: number; height: number }

const usualWidth = 880
const notes = 60

/** Height of the legend of the compared checkpoints. */
function legendHeight(entries: readonly SubjectEntry[], available: number): number {
  const items = groupSubjects(entries).map(({ label }) => ({ label, kind: 'line' as const, color: '' }))
  return layoutLegend(items, available - 28).height
}

/** Square maps: a row per checkpoint. `width` is what the place has, as in all of these; by default what it needs. */
export function sizeEmbedding(report: ProbeReport<'embedding'>, width?: number): FigureSize {
  const columns = Math.max(1, exitsOf(report.checkpoints).length)
  const wide = width ?? Math.max(380, Math.min(usualWidth, 28 + columns * 260))
  const side = (wide - 28 - 16 * (columns - 1)) / columns
  return { width: wide, height: Math.round(report.checkpoints.length * (side + 110) + 56 + notes) }
}

export function sizeDiscriminativeness(report: ProbeReport<'discriminativeness'>, width = 560): FigureSize {
  return { width, height: 340 + legendHeight(report.checkpoints, width) }
}

/** A row of panels per protocol and split. */
export function sizeFlatness(report: ProbeReport<'flatness'>, width = usualWidth): FigureSize {
  const rows = Math.max(1, flatnessSeries(report, 'accuracy').rows.length)
  return { width, height: 250 * rows + legendHeight(report.checkpoints, width) + notes }
}

/** Wide enough to name every layer. */
export function sizeGradients(report: ProbeReport<'gradients'>, width?: number): FigureSize {
  const { layers } = gradientsSeries(report, 'raw', 'backbone')
  return {
    width: width ?? Math.max(720, Math.min(1200, 90 + layers.length * 16)),
    height: 380 + legendHeight(report.checkpoints, width ?? usualWidth)
  }
}

export function sizeHistory(report: ProbeReport<'history'>, width = 960): FigureSize {
  const { lines } = historySeries(report)
  const items = lines.map((label) => ({ label, kind: 'line' as const, color: '' }))
  // What others logged is a line of panels; records are three.
  const hasRecords = report.checkpoints.some(({ steps, epochs }) => steps.length + epochs.length > 0)
  const legend =
    legendHeight(report.checkpoints, width) + (lines.length > 0 ? layoutLegend(items, width - 28).height : 0)
  return { width, height: (hasRecords ? 600 : 300) + legend + notes }
}
