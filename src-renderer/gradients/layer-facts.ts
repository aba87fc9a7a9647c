import type { ProbeReport } from '../../src-shared/reports.ts'
import { mean } from '../../src-shared/science/statistics.ts'
import { summarizeSeeds } from '../figures/curves.ts'
import { readLayerValues, type GradientsScale } from '../figures/gradients-series.ts'
import { describeTerm, findTerm, termKey, termsOfReport, type GradientsTerm } from '../figures/gradients-terms.ts'
import { groupSubjects } from '../figures/subjects.ts'

type Report = ProbeReport<'gradients'>
type Layer = Report['checkpoints'][number]['layers'][number]

/** A layer of any of the checkpoints; of those that share a name, the first. */
export function findLayer({ checkpoints }: Report, name: string): Layer | undefined {
  for (const { layers } of checkpoints) {
    const found = layers.find((layer) => layer.name === name)
    if (found) return found
  }
  return undefined
}

/** For instance `Stage 2, backbone`. */
export const placeOf = ({ stage, part }: Layer): string =>
  part === 'head' ? `Head of exit ${stage}` : stage === 0 ? 'Stem' : `Stage ${stage}, backbone`

/** For instance `3 × 3, 8 to 16 channels`, of a weight in PyTorch's order; a list of lengths of any other tensor. */
export function describeShape(shape: readonly number[] | undefined): string {
  if (!shape) return ''
  const [output, input, height, width] = shape
  if (shape.length === 4) return `${height} × ${width}, ${input} to ${output} channels`
  if (shape.length === 2) return `${input} features to ${output} outputs`
  return shape.join(' × ')
}

/** What was measured of one layer. */
export type LayerFacts = {
  /** A subject's value over its seeds; NaN where it lacks the layer, `low` and `high` also with one seed. */
  subjects: { label: string; value: number; low: number; high: number }[]
  /** Signed shares of the loss terms, 0..1 and their sum 1, as means over the seeds; NaN where a subject lacks a term. */
  terms: { key: GradientsTerm; text: string; shares: number[] }[]
}

/** Value and shares of a layer for every subject, in the figure's order. */
export function readLayer(report: Report, name: string, scale: GradientsScale, term: GradientsTerm): LayerFacts {
  const groups = groupSubjects(report.checkpoints)
  const subjects = groups.map(({ label, members }) => {
    const values = members.map((entry) => readLayerValues(entry, scale, term).get(name) ?? NaN)
    const { y, low, high } = summarizeSeeds(values)
    return { label, value: y, low, high }
  })
  const terms = termsOfReport(report).map((one) => ({
    key: termKey(one),
    text: describeTerm(one),
    shares: groups.map(({ members }) => {
      const found = members.map(
        (entry) => findTerm(entry, termKey(one))?.layers.find((layer) => layer.name === name)?.share ?? NaN
      )
      return mean(found.filter(Number.isFinite))
    })
  }))
  return { subjects, terms }
}
