import type { LoggedCurve, ProbeReport } from '../../src-shared/reports.ts'
import { mergeSeeds, type CurvePoint } from './curves.ts'
import type { HistoryEntry, HistoryPanel } from './history-series.ts'
import type { HistoryUnit } from './history-units.ts'
import type { SubjectGroup } from './subjects.ts'
import { cleanText } from './text-width.ts'

/** What a curve is of, by its tag. */
export type LoggedKind = 'accuracy' | 'loss' | 'learning rate' | 'other'

/** Most tags in one panel, and most panels of other quantities: more would hide one another. */
const mostTags = 8
const mostOthers = 4

/** What other programs logged, as panels; `lines` are the tags drawn, in the order of their colours. */
export type LoggedPanels = {
  panels: HistoryPanel[]
  lines: string[]
  /** Tags that there is no room for. */
  left: number
}

/** What a tag names: `acc`, `top1`; `loss`; `lr`; all else is `other`. */
export function kindOfTag(tag: string): LoggedKind {
  // Words: `trainAcc`, `train_acc` and `acc/train` have one in common.
  const words = tag
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)
  const has = (...known: string[]) => words.some((word) => known.includes(word))
  if (has('lr') || (has('learning') && has('rate'))) return 'learning rate'
  if (has('acc', 'accs', 'accuracy', 'accuracies', 'top', 'prec', 'precision')) return 'accuracy'
  if (has('loss', 'losses', 'nll', 'ce', 'kl', 'kld', 'crossentropy') || (has('cross') && has('entropy'))) return 'loss'
  return 'other'
}

type Labelled = LoggedCurve & { label: string }

/** Curves under their tags; where two logs have one tag, under tag and log. */
function labelCurves({ curves = [] }: HistoryEntry): Labelled[] {
  const times = new Map<string, number>()
  for (const { tag } of curves) times.set(tag, (times.get(tag) ?? 0) + 1)
  return curves.map((curve) => ({
    ...curve,
    label: cleanText((times.get(curve.tag) ?? 0) > 1 ? `${curve.tag}, ${curve.file}` : curve.tag)
  }))
}

/** Accuracies that never pass 1 are shares. */
function pointsOf({ tag, steps, values }: LoggedCurve): CurvePoint[] {
  const isShare = kindOfTag(tag) === 'accuracy' && values.every((value) => !(value > 1))
  return steps.map((x, i) => ({ x, y: (values[i] ?? NaN) * (isShare ? 100 : 1), low: NaN, high: NaN }))
}

const titles = { accuracy: 'Accuracy (%)', loss: 'Loss', 'learning rate': 'Learning rate' } as const

/** Panels of accuracies, losses, learning rates, and one for each other tag, over a unit; none for costs. */
export function loggedPanels(subjects: readonly SubjectGroup<HistoryEntry>[], unit: HistoryUnit): LoggedPanels {
  const labelled = subjects.map(({ members }) => members.map(labelCurves))
  const drawn = labelled.flat(2).filter((curve) => curve.unit === unit)
  const tags = [...new Set(drawn.map(({ label }) => label))]
  const of = (kind: LoggedKind) => tags.filter((label) => kindOfTag(label) === kind)
  const lines: string[] = []
  let left = 0
  const makePanel = (title: string, all: readonly string[]): HistoryPanel => {
    const shown = all.slice(0, mostTags)
    left += all.length - shown.length
    const curves = shown.flatMap((label) => {
      const line = lines.push(label) - 1
      return labelled.flatMap((members, subject) => {
        const each = members.map((curves) => curves.find((curve) => curve.label === label && curve.unit === unit))
        const points = mergeSeeds(each.map((curve) => (curve ? pointsOf(curve) : [])))
        return points.length > 0 ? [{ subject, part: 'train' as const, points, line }] : []
      })
    })
    return { title, level: 0, curves }
  }
  const panels = (['accuracy', 'loss', 'learning rate'] as const).flatMap((kind) => {
    const found = of(kind)
    return found.length > 0 ? [makePanel(titles[kind], found)] : []
  })
  const others = of('other')
  panels.push(...others.slice(0, mostOthers).map((label) => makePanel(label, [label])))
  return { panels, lines, left: left + Math.max(0, others.length - mostOthers) }
}

/** Units that the logged curves of a report are over. */
export const loggedUnits = ({ checkpoints }: ProbeReport<'history'>): Set<'step' | 'epoch'> =>
  new Set(checkpoints.flatMap(({ curves = [] }) => curves.map(({ unit }) => unit)))

/** Sentences on curves that were logged by others; empty where there are none. */
export function describeLogged(
  report: ProbeReport<'history'>,
  { lines, left }: Pick<LoggedPanels, 'lines' | 'left'>,
  unit: HistoryUnit
): string {
  const units = loggedUnits(report)
  if (units.size === 0) return ''
  const others = [...units].filter((other) => other !== unit)
  return [
    lines.length > 0 ? 'Curves by their tags, as logged beside the checkpoint; gaps are no numbers.' : '',
    left > 0 ? `${left} more are in the CSV.` : '',
    others.length > 0 ? `Those over ${others.map((other) => `${other}s`).join(' and ')} are not drawn here.` : ''
  ]
    .filter((sentence) => sentence !== '')
    .join(' ')
}
