import { render } from 'svelte/server'
import {
  describeFigure,
  figures,
  type FigureEntry,
  type FigureStyle,
  type ThemeName
} from '../../src-renderer/figures/index.ts'
import type { AnyReport, ProbeKind } from '../../src-shared/reports.ts'
import { UsageError } from '../../src-shared/errors.ts'
import { cleanSvg } from '../export/clean-svg.ts'

export type RenderFigureOptions = {
  /** Pixels; the figure's own size where absent. */
  width?: number
  height?: number
  theme?: ThemeName
  style?: FigureStyle
  /** Drawn above the figure. */
  title?: string
  /** Start of the ids in the picture. */
  id?: string
  /** Props of this figure's own, for instance `quantity: 'loss'` (see `options` in figures/index.ts). */
  props?: Record<string, unknown>
}

// The table's component is one of several; that its props fit its report is the table's own check.
const draw = render as (component: unknown, options: { props: object }) => { body: string }

/** Largest side of a figure in pixels, so that a mistyped size does not fill the memory. */
const largestSide = 20_000

/** The figure of a report as the text of an SVG file. Throws UsageError for a size or an option that can't be drawn. */
export function renderFigure(report: AnyReport, options: RenderFigureOptions = {}): string {
  const entry = figures[report.kind] as unknown as FigureEntry<ProbeKind>
  checkOptions(report, entry.options, options)
  const size = entry.size(report)
  const props = {
    ...options.props,
    report,
    width: options.width ?? size.width,
    height: options.height ?? size.height,
    theme: options.theme ?? 'light',
    figureStyle: options.style ?? 'screen',
    title: options.title,
    id: options.id ?? report.kind
  }
  const { body } = draw(entry.component, { props })
  return cleanSvg(body, describeFigure(report, options.title))
}

function checkOptions(report: AnyReport, known: FigureEntry<ProbeKind>['options'], options: RenderFigureOptions): void {
  for (const side of ['width', 'height'] as const) {
    const value = options[side]
    if (value === undefined || (value >= 80 && value <= largestSide)) continue
    throw new UsageError(`A figure can't be ${value} pixels in ${side}; choose 80 to ${largestSide}.`)
  }
  const chosen = options.props ?? {}
  for (const [name, choice] of Object.entries(known)) {
    const words = typeof choice === 'function' ? choice(report as never, chosen) : choice
    const value = chosen[name]
    if (value === undefined || words.includes(String(value))) continue
    throw new UsageError(`The ${report.kind} figure has no ${name} ${String(value)}; choose ${words.join(', ')}.`)
  }
}
