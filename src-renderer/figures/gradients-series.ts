import type { ProbeReport } from '../../src-shared/reports.ts'
import { extentOf, summarizeSeeds, type CurvePoint } from './curves.ts'
import { findTerm, type GradientsTerm } from './gradients-terms.ts'
import { groupSubjects, type SubjectGroup } from './subjects.ts'

export type GradientsScale = 'raw' | 'relative' | 'timesNorm'
export type GradientsPart = 'backbone' | 'all'
type Report = ProbeReport<'gradients'>
type Entry = Report['checkpoints'][number]
type Layer = Entry['layers'][number]

/** Neighbouring layers of one stage, of the backbone or of an exit head. */
export type LayerSection = { label: string; stage: number; part: Layer['part']; start: number; count: number }
export type GradientsSeries = {
  subjects: SubjectGroup<Entry>[]
  /** Full and short name of each convolution, in drawing order; x of a point is the index. */
  layers: { name: string; short: string }[]
  sections: LayerSection[]
  /** Lines of a subject: one per unbroken run of layers, the backbone and each head apart. */
  curves: { subject: number; points: CurvePoint[] }[]
  stages: number
  yExtent: [number, number]
}

/** Axis title of each scale; all are without unit. */
export const gradientsTitles: Record<GradientsScale, string> = {
  raw: 'Mean |gradient|',
  relative: 'Relative mean |gradient|',
  timesNorm: 'Gradient norm × weight norm'
}

/**
 * Of each layer by name, of the whole loss or of one of its terms. A term is relative to the last convolution of the
 * backbone that it reaches; none is known times the weights' norm.
 */
export function readLayerValues(entry: Entry, scale: GradientsScale, term: GradientsTerm): Map<string, number> {
  if (term === 'total')
    return new Map(entry.layers.map((layer) => [layer.name, scale === 'raw' ? layer.meanAbs : layer[scale]]))
  const magnitudes = new Map((findTerm(entry, term)?.layers ?? []).map(({ name, meanAbs }) => [name, meanAbs]))
  if (scale === 'raw') return magnitudes
  const last = entry.layers.findLast(
    ({ name, role, part }) => role === 'convolution' && part === 'backbone' && (magnitudes.get(name) ?? 0) > 0
  )
  const unit = scale === 'relative' ? (magnitudes.get(last?.name ?? '') ?? NaN) : NaN
  return new Map([...magnitudes].map(([name, value]) => [name, value / unit]))
}
const sectionKey = ({ part, stage }: Layer): string => `${part} ${stage}`
const sectionLabel = ({ part, stage }: Layer): string =>
  part === 'head' ? `Head ${stage}` : stage === 0 ? 'Stem' : `Stage ${stage}`

/** Names without what all of a section share, and without `.weight`: `layer2.0.conv1.weight` -> `0.conv1`. */
export function shortenNames(names: readonly string[]): string[] {
  const parts = names.map((name) => name.replace(/\.weight$/, '').split('.'))
  const first = parts[0] ?? []
  let shared = 0
  while (parts.every((p) => p.length > shared + 1 && p[shared] === first[shared])) shared++
  return parts.map((p) => p.slice(shared).join('.').replace('downsample.0', 'down'))
}

/** All convolutions of all entries: backbone before heads, by stage, each entry's own order kept. */
function collectLayers(entries: readonly Entry[], part: GradientsPart): Layer[] {
  const found = new Map<string, Layer>()
  for (const entry of entries) {
    for (const layer of entry.layers) {
      if (layer.role !== 'convolution' || (part === 'backbone' && layer.part === 'head')) continue
      if (!found.has(layer.name)) found.set(layer.name, layer)
    }
  }
  const rank = ({ part: p, stage }: Layer): number => (p === 'head' ? 1000 : 0) + stage
  return [...found.values()].sort((a, b) => rank(a) - rank(b))
}

function makeSections(layers: readonly Layer[]): LayerSection[] {
  const sections: (LayerSection & { key: string })[] = []
  layers.forEach((layer, i) => {
    const last = sections.at(-1)
    if (last?.key === sectionKey(layer)) last.count++
    else {
      const { stage, part } = layer
      sections.push({ key: sectionKey(layer), label: sectionLabel(layer), stage, part, start: i, count: 1 })
    }
  })
  return sections.map(({ key: _, ...section }) => section)
}

/** What to draw of a gradients report: a value per convolution, from the input on, for each subject. */
export function gradientsSeries(
  report: Report,
  scale: GradientsScale,
  part: GradientsPart,
  term: GradientsTerm = 'total'
): GradientsSeries {
  const subjects = groupSubjects(report.checkpoints)
  const found = collectLayers(report.checkpoints, part)
  const sections = makeSections(found)
  const layers = sections.flatMap(({ start, count }) => {
    const names = found.slice(start, start + count).map(({ name }) => name)
    return shortenNames(names).map((short, i) => ({ name: names[i] ?? short, short }))
  })
  const runs = [
    sections.filter((s) => s.part === 'backbone'),
    ...sections.filter((s) => s.part === 'head').map((s) => [s])
  ]
  const curves = subjects.flatMap(({ members }, subject) => {
    const values = members.map((entry) => readLayerValues(entry, scale, term))
    const pointAt = (x: number): CurvePoint => {
      const name = layers[x]?.name ?? ''
      // A logarithmic axis has no place for zero.
      const positive = values.map((byName) => byName.get(name) ?? NaN).filter((value) => value > 0)
      return { x, ...summarizeSeeds(positive) }
    }
    return runs
      .map((run) => run.flatMap(({ start, count }) => Array.from({ length: count }, (_, i) => pointAt(start + i))))
      .map((points) => points.filter(({ y }) => Number.isFinite(y)))
      .filter((points) => points.length > 0)
      .map((points) => ({ subject, points }))
  })
  const yExtent = extentOf(
    curves.flatMap(({ points }) => points.flatMap(({ y, low, high }) => [y, low, high])),
    [0.001, 1]
  )
  const stages = Math.max(1, ...found.map(({ stage }) => stage))
  return { subjects, layers, sections, curves, stages, yExtent }
}
