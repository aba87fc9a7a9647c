import type { HistoryPanel, HistoryRow, HistorySeries } from './history-series.ts'
import { chooseColumns } from './layout.ts'
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

/** Accuracy by exit; then losses and learning rate side by side; then gradients by stage. */
function groupCells(rows: readonly HistoryRow[]): Cell[][] {
  const cellsOf = (row: HistoryRow): Cell[] => row.panels.map((panel) => ({ panel, row }))
  const titled = rows.filter(({ yTitle }) => yTitle !== '').map(cellsOf)
  const middle = rows.filter(({ yTitle }) => yTitle === '').flatMap(cellsOf)
  const isAccuracy = rows[0]?.yTitle.startsWith('Accuracy') ?? false
  const head = titled.slice(0, isAccuracy ? 1 : 0)
  return [...head, middle, ...titled.slice(head.length)].filter((cells) => cells.length > 0)
}

/** Scale of a row's y axis between two pixels. */
export function rowAxis(row: HistoryRow, range: [number, number]): AxisScale {
  return row.scale === 'log'
    ? logAxis(row.yExtent, { range, spacing: 34 })
    : linearAxis(row.yExtent, { range, spacing: 34, nice: true })
}

const least = 96
const [above, below, titleBelow] = [26, 22, 18]

/** Panels in columns of equal width, aligned over all lines; a group that doesn't fit wraps. */
export function layoutHistory(series: HistorySeries, body: Rect): PlacedPanel[] {
  const groups = groupCells(series.rows)
  const label = Math.max(0, ...series.rows.map((row) => widestLabel(rowAxis(row, [120, 0]).ticks)))
  const [left, gap] = [label + 32, label + 20]
  const most = Math.max(1, ...groups.map((cells) => cells.length))
  const columns = chooseColumns(most, body.width, left, gap, least)
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
