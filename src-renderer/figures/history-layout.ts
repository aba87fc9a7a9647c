import type { HistoryPanel, HistoryRow, HistorySeries } from './history-series.ts'
import { linearAxis, logAxis, widestLabel, type AxisScale } from './ticks.ts'
import type { Rect } from './types.ts'

/** A panel with its place; `left` is the room before it, `last` says that no panel stands below. */
export type PlacedPanel = {
  rect: Rect
  panel: HistoryPanel
  row: HistoryRow
  first: boolean
  last: boolean
  left: number
}
type Cell = { panel: HistoryPanel; row: HistoryRow }

/**
 * Accuracy by exit; then losses and learning rate side by side; then gradients by stage. Where there is one exit only, its
 * accuracy stands before the losses.
 */
function groupCells(rows: readonly HistoryRow[]): Cell[][] {
  const cellsOf = (row: HistoryRow): Cell[] => row.panels.map((panel) => ({ panel, row }))
  const titled = rows.filter(({ yTitle }) => yTitle !== '').map(cellsOf)
  const middle = rows.filter(({ yTitle }) => yTitle === '').flatMap(cellsOf)
  const isAccuracy = rows[0]?.yTitle.startsWith('Accuracy') ?? false
  const head = titled.slice(0, isAccuracy ? 1 : 0)
  const rest = titled.slice(head.length)
  const lines = head[0]?.length === 1 ? [[...head[0], ...middle]] : [...head, middle]
  return [...lines, ...rest].filter((cells) => cells.length > 0)
}

/** Scale of a row's y axis between two pixels. */
export function rowAxis(row: HistoryRow, range: [number, number]): AxisScale {
  return row.scale === 'log'
    ? logAxis(row.yExtent, { range, spacing: 34 })
    : linearAxis(row.yExtent, { range, spacing: 34, nice: true })
}

/** As few lines as the width allows, and of those the widest panels. */
function chooseColumns(counts: readonly number[], width: number, left: number, gap: number): number {
  const fitting = Math.max(1, Math.floor((width - left + gap) / (least + gap)))
  const linesOf = (columns: number): number => counts.reduce((sum, count) => sum + Math.ceil(count / columns), 0)
  let columns = Math.min(fitting, Math.max(1, ...counts))
  while (columns > 1 && linesOf(columns - 1) === linesOf(columns)) columns--
  return columns
}

const least = 96
const [above, below, titleBelow] = [26, 22, 18]

/** Panels in columns of equal width, aligned over all lines; a group that doesn't fit wraps. */
export function layoutHistory(series: HistorySeries, body: Rect): PlacedPanel[] {
  const groups = groupCells(series.rows)
  const label = Math.max(0, ...series.rows.map((row) => widestLabel(rowAxis(row, [120, 0]).ticks)))
  const [left, gap] = [label + 32, label + 20]
  const counts = groups.map((cells) => cells.length)
  const columns = chooseColumns(counts, body.width, left, gap)
  const lines = groups.flatMap((cells) =>
    Array.from({ length: Math.ceil(cells.length / columns) }, (_, k) => cells.slice(k * columns, (k + 1) * columns))
  )
  const width = Math.max(1, (body.width - left - gap * (columns - 1)) / columns)
  const pitch = (body.height - titleBelow) / Math.max(1, lines.length)
  const height = Math.max(20, pitch - above - below)
  return lines.flatMap((cells, k) =>
    cells.map(({ panel, row }, i) => ({
      rect: { x: body.x + left + i * (width + gap), y: body.y + k * pitch + above, width, height },
      panel,
      row,
      first: i === 0,
      last: !lines.slice(k + 1).some((below) => below.length > i),
      left
    }))
  )
}
