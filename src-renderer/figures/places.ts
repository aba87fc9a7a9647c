import type { FlatnessPanel, FlatnessRow } from './flatness-series.ts'
import type { HistoryUnit } from './history-units.ts'
import type { AxisScale } from './ticks.ts'
import type { Rect } from './types.ts'

/** A panel of the flatness figure as it is drawn: what a screen lays over it needs no more. */
export type FlatnessPlace = {
  row: FlatnessRow
  panel: FlatnessPanel
  /** Inside of the axes, in the figure's pixels. */
  rect: Rect
  x: AxisScale
  y: AxisScale
  /** Of the exit. */
  color: string
}

/** A panel of the history figure as it is drawn. */
export type HistoryPlace = {
  /** Inside of the axes, in the figure's pixels. */
  rect: Rect
  x: AxisScale
  unit: HistoryUnit
}
