import { layoutLegend, type LegendItem, type LegendLayout } from './legend-layout.ts'
import { ellipsize, wrapText } from './text-width.ts'
import { fontSize } from './theme.ts'
import type { Rect } from './types.ts'

/** A line of text at its baseline. */
export type TextLine = { text: string; y: number }
/** Where a figure's title, legend, body and notes go. */
export type FrameLayout = {
  width: number
  height: number
  padding: number
  title: TextLine | null
  legend: LegendLayout & { y: number }
  body: Rect
  notes: TextLine[]
}

const padding = 14
const noteHeight = 15

/** Title and legend above, notes below, the rest is the body. */
export function layoutFrame(options: {
  width: number
  height: number
  title?: string | undefined
  legend: readonly LegendItem[]
  notes: readonly string[]
}): FrameLayout {
  const { width, height, title } = options
  const inner = Math.max(1, width - 2 * padding)
  const heading = title === undefined ? '' : ellipsize(title, inner, fontSize.title, 'semiBold')
  const legendTop = padding + (heading === '' ? 0 : 26)
  const legend = layoutLegend(options.legend, inner)
  const bodyTop = legendTop + legend.height + (legend.height > 0 ? 8 : 0)
  const lines = options.notes.flatMap((note) => wrapText(note, inner, fontSize.small))
  const notesTop = height - padding - lines.length * noteHeight
  return {
    width,
    height,
    padding,
    title: heading === '' ? null : { text: heading, y: padding + 13 },
    legend: { ...legend, y: legendTop },
    body: {
      x: padding,
      y: bodyTop,
      width: inner,
      height: Math.max(1, notesTop - (lines.length > 0 ? 8 : 0) - bodyTop)
    },
    notes: lines.map((text, i) => ({ text, y: notesTop + (i + 1) * noteHeight - 4 }))
  }
}

/** Panels that belong together, for instance the exits under one protocol. */
export type PanelRow = {
  count: number
  /** Pixels kept free above the row's first line of panels, for its heading. */
  heading: number
  /** Pixels kept free above and below each panel, for its title and its axis. */
  above: number
  below: number
}
export type PlacedRow = { y: number; panels: (Rect & { first: boolean })[] }

/** How many panels stand side by side so that each is at least `least` pixels wide; even rows where they wrap. */
export function chooseColumns(count: number, width: number, left: number, gap: number, least: number): number {
  const most = Math.max(1, Math.floor((width - left + gap) / (least + gap)))
  return count <= most ? count : Math.ceil(count / Math.ceil(count / most))
}

/** Panels of equal size in rows; a row that does not fit wraps. `first` marks the left column, which has the axis. */
export function layoutRows(
  rows: readonly PanelRow[],
  body: Rect,
  options: { left: number; gap: number; least: number; rowGap: number }
): PlacedRow[] {
  const { left, gap, rowGap } = options
  const counts = rows.map(({ count }) => chooseColumns(count, body.width, left, gap, options.least))
  const columns = Math.max(1, ...counts)
  const width = Math.max(1, (body.width - left - gap * (columns - 1)) / columns)
  const lines = rows.map(({ count }) => Math.max(1, Math.ceil(count / columns)))
  const taken = rows.reduce((sum, row, i) => sum + row.heading + (row.above + row.below) * (lines[i] ?? 1), 0)
  const all = lines.reduce((sum, n) => sum + n, 0)
  const height = Math.max(24, (body.height - taken - rowGap * (rows.length - 1)) / Math.max(1, all))
  let y = body.y
  return rows.map((row, i) => {
    const top = y
    const panels = Array.from({ length: row.count }, (_, k) => ({
      x: body.x + left + (k % columns) * (width + gap),
      y: top + row.heading + Math.floor(k / columns) * (row.above + height + row.below) + row.above,
      width,
      height,
      first: k % columns === 0
    }))
    y = top + row.heading + (lines[i] ?? 1) * (row.above + height + row.below) + rowGap
    return { y: top, panels }
  })
}
