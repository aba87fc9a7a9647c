import type { Component } from 'svelte'
import type { ProbeKind, ProbeReport } from '../../src-shared/reports.ts'
import DiscriminativenessFigure from './DiscriminativenessFigure.svelte'
import EmbeddingFigure from './EmbeddingFigure.svelte'
import FlatnessFigure from './FlatnessFigure.svelte'
import GradientsFigure from './GradientsFigure.svelte'
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

export type { FigureProps, FigureStyle, ThemeName } from './types.ts'
export type { FigureSize } from './sizes.ts'
export type { MapMarks } from './embedding-marks.ts'

/** How a probe's report is drawn. */
export type FigureEntry<K extends ProbeKind> = {
  component: Component<FigureProps<K>>
  /** The figure in a few words. */
  title: string
  /** Size in pixels where the caller gives none. */
  size: (report: ProbeReport<K>) => FigureSize
  /** Props of the figure's own that take one of a few words, the default first. */
  options: Record<string, readonly string[]>
}

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
    options: { scale: ['raw', 'relative', 'timesNorm'], part: ['backbone', 'all'] }
  },
  history: { component: HistoryFigure, title: 'Training history', size: sizeHistory, options: {} }
} satisfies { [K in ProbeKind]: FigureEntry<K> }
