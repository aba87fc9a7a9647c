import type { ProbeReport } from '../../src-shared/reports.ts'
import { gradientsSeries, type GradientsPart, type GradientsScale, type GradientsSeries } from './gradients-series.ts'
import { describeTerm, termKey, termsOfReport, type GradientsTerm } from './gradients-terms.ts'
import { layoutFrame, type FrameLayout } from './layout.ts'
import { layoutLayerLabels, type LayerLabels } from './layer-labels.ts'
import { describeData, describeSeeds, joinSentences, mostBands } from './notes.ts'
import { subjectLegend } from './subject-legend.ts'
import { themeOf } from './theme.ts'
import { logAxis, widestLabel, type AxisScale } from './ticks.ts'
import type { FigureProps, Rect } from './types.ts'

/** Options of the gradients figure's own. */
export type GradientsOptions = { scale?: GradientsScale; part?: GradientsPart; term?: GradientsTerm }

/** Where everything in the gradients figure lies: the figure draws it, a diagram beside it lines up with it. */
export type GradientsLayout = {
  series: GradientsSeries
  frame: FrameLayout
  /** Inside of the axes, in the figure's pixels. */
  rect: Rect
  /** Pixels from one layer to the next; the first lies half of it from the left. */
  pitch: number
  /** Pixels from the figure's left padding to the axis. */
  left: number
  labels: LayerLabels
  y: AxisScale
}

function describeLoss(report: ProbeReport<'gradients'>, term: GradientsTerm): string {
  const known = termsOfReport(report).find((one) => termKey(one) === term)
  if (term !== 'total') return `Of the loss only the ${known ? describeTerm(known) : term}, with its weight.`
  const methods = [...new Set(report.checkpoints.map(({ method }) => method))]
  const named = methods.map((name) =>
    name === 'baseline' && methods.length > 1 ? 'cross entropy where there is one exit' : name
  )
  return `Loss: ${named.join(', ')}.`
}

/** The layout of the figure with these props. */
export function layoutGradients(
  props: Pick<FigureProps<'gradients'>, 'report' | 'width' | 'height' | 'theme' | 'figureStyle' | 'title'> &
    GradientsOptions
): GradientsLayout {
  const { report, width, height, theme, figureStyle, title, scale = 'raw', part = 'backbone', term = 'total' } = props
  const series = gradientsSeries(report, scale, part, term)
  const frame = layoutFrame({
    width,
    height,
    title,
    legend: subjectLegend(series.subjects, themeOf(theme, figureStyle), true),
    notes: [
      joinSentences(
        describeLoss(report, term),
        describeSeeds(series.subjects, series.subjects.length <= mostBands),
        describeData(report.provenance),
        scale !== 'relative'
          ? ''
          : `Relative to the backbone’s last convolution${term === 'total' ? '' : ' that it reaches'}.`,
        'Convolutions only.'
      )
    ]
  })
  const axis = (range: [number, number]) => logAxis(series.yExtent, { range, spacing: 40 })
  const left = widestLabel(axis([300, 0]).ticks) + 32
  const pitch = (frame.body.width - left) / Math.max(1, series.layers.length)
  const labels = layoutLayerLabels(series.layers, series.sections, pitch)
  const rect = {
    x: frame.body.x + left,
    y: frame.body.y + 26,
    width: Math.max(1, frame.body.width - left),
    height: Math.max(1, frame.body.height - 26 - labels.height - 30)
  }
  return { series, frame, rect, pitch, left, labels, y: axis([rect.y + rect.height, rect.y]) }
}
