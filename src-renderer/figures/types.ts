import type { ProbeKind, ProbeReport } from '../../src-shared/reports.ts'

/** Colours: light for print and by default, dark for the screen. */
export type ThemeName = 'light' | 'dark'
/** `paper` draws heavier lines and no tint behind the panels. */
export type FigureStyle = 'screen' | 'paper'
/** A rectangle in the figure's pixels. */
export type Rect = { x: number; y: number; width: number; height: number }

/** What every figure takes; each adds options of its own. */
export type FigureProps<K extends ProbeKind> = {
  report: ProbeReport<K>
  /** Pixels; the picture fills them exactly. */
  width: number
  height: number
  theme: ThemeName
  figureStyle: FigureStyle
  /** Drawn above the legend; no title where absent. */
  title?: string | undefined
  /** Start of every id in the picture; two figures on one page need two. */
  id: string
}
