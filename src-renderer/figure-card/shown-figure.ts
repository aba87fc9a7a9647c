import { flushSync, mount, unmount, type Component } from 'svelte'
import type { AnyReport, ProbeKind } from '../../src-shared/reports.ts'
import { figures, type FigureEntry, type FigureStyle, type ThemeName } from '../figures/index.ts'

type Size = { width: number; height: number }

/** A figure as it is on screen: all that is needed to draw it again, to a file. */
export type ShownFigure = {
  kind: ProbeKind
  report: AnyReport
  title: string
  /** Options of the figure's own, zoom and selection among them. */
  options: Record<string, unknown>
  theme: ThemeName
  /** Pixels on screen, where it has been drawn. */
  size?: Size
}

export type DrawOptions = {
  width?: number
  height?: number
  theme?: ThemeName
  style?: FigureStyle
  /** Drawn above the figure. */
  title?: string
}

/** The component of a figure and its props, for any place that draws it. */
export function figureParts(
  { kind, report, options }: ShownFigure,
  { width, height, theme = 'light', style = 'screen', title }: DrawOptions = {}
): { component: Component<Record<string, unknown>>; props: Record<string, unknown> } {
  const natural = naturalSize({ kind, report }, width)
  return {
    component: figures[kind].component as unknown as Component<Record<string, unknown>>,
    props: {
      ...options,
      report,
      width: width ?? natural.width,
      height: height ?? natural.height,
      theme,
      figureStyle: style,
      title,
      id: kind
    }
  }
}

/** Size that a figure has unless another one is asked for, in pixels. */
export const naturalSize = ({ kind, report }: Pick<ShownFigure, 'kind' | 'report'>, width?: number): Size =>
  (figures[kind] as unknown as FigureEntry<ProbeKind>).size(report as never, width)

/** Markup of the figure, the same component with the same data as on screen; points as vectors, no cursor. */
export function drawFigure(figure: ShownFigure, options: DrawOptions = {}): string {
  const target = document.createElement('div')
  const { component, props } = figureParts(figure, options)
  const mounted = mount(component, { target, props })
  flushSync()
  const markup = target.innerHTML
  void unmount(mounted)
  return markup
}
