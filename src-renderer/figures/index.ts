import type { Component } from 'svelte'
import type { AnyReport, ProbeKind, ProbeReport } from '../../src-shared/reports.ts'
import DiscriminativenessFigure from './DiscriminativenessFigure.svelte'
import EmbeddingFigure from './EmbeddingFigure.svelte'
import FlatnessFigure from './FlatnessFigure.svelte'
import GradientsFigure from './GradientsFigure.svelte'
import { termKey, termsOfReport } from './gradients-terms.ts'
import { unitsOf } from './history-units.ts'
import HistoryFigure from './HistoryFigure.svelte'
import {
  sizeDiscriminativeness,
  sizeEmbedding,
  sizeFlatness,
  sizeGradients,
  sizeHistory,
  type FigureSize
} from './sizes.ts'
import type { FigureProps } from './types.ts'

export type { FigureProps, FigureStyle, Rect, ThemeName } from './types.ts'
export type { FigureSize } from './sizes.ts'
export type { MapMarks } from './embedding-marks.ts'

/** How a probe's report is drawn. */
export type FigureEntry<K extends ProbeKind> = {
  component: Component<FigureProps<K>>
  /** The figure in a few words. */
  title: string
  /** Size in pixels: for a place of that width, or what the figure needs. */
  size: (report: ProbeReport<K>, width?: number) => FigureSize
  /** Props of the figure's own that take one of a few words, the default first. */
  options: Record<string, OptionWords<K>>
}
/** The words that an option takes; some depend on the report and on the other options. */
export type OptionWords<K extends ProbeKind> =
  readonly string[] | ((report: ProbeReport<K>, chosen: Record<string, unknown>) => readonly string[])

/** The figure of every probe. */
export const figures = {
  embedding: {
    component: EmbeddingFigure,
    title: 'Maps of the features at each exit',
    size: sizeEmbedding,
    options: {}
  },
  discriminativeness: {
    component: DiscriminativenessFigure,
    title: 'How well each exit separates the classes',
    size: sizeDiscriminativeness,
    options: { quantity: ['ratio', 'silhouette', 'knnAccuracy'] }
  },
  flatness: {
    component: FlatnessFigure,
    title: 'Accuracy under weight noise',
    size: sizeFlatness,
    options: { quantity: ['accuracy', 'loss'] }
  },
  gradients: {
    component: GradientsFigure,
    title: 'Gradient magnitude per layer',
    size: sizeGradients,
    options: {
      scale: (_, { term = 'total' }) => (term === 'total' ? ['raw', 'relative', 'timesNorm'] : ['raw', 'relative']),
      part: ['backbone', 'all'],
      term: (report) => ['total', ...termsOfReport(report).map(termKey)]
    }
  },
  history: {
    component: HistoryFigure,
    title: 'Training history',
    size: sizeHistory,
    options: { over: unitsOf }
  }
} satisfies { [K in ProbeKind]: FigureEntry<K> }

/** Title and description that a figure's file carries, for its readers and for people who can't see the picture. */
export function describeFigure(
  { kind, checkpoints }: Pick<AnyReport, 'kind'> & { checkpoints: readonly { name: string }[] },
  title?: string
): { title: string; description: string } {
  const about = figures[kind].title
  return { title: title ?? about, description: `${about}: ${checkpoints.map(({ name }) => name).join(', ')}` }
}
