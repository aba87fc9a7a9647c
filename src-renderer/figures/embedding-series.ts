import type { ProbeReport } from '../../src-shared/reports.ts'
import { nameClass } from './class-names.ts'
import { extentOf } from './curves.ts'
import { exitsOf } from './subjects.ts'
import { cleanText } from './text-width.ts'

type Report = ProbeReport<'embedding'>

/** One image on a map; x and y are map units, y upwards. */
export type MapPoint = { x: number; y: number; label: number; prediction: number; index: number }
/** The map of one exit of one checkpoint. */
export type EmbeddingPanel = {
  exit: number
  points: MapPoint[]
  xExtent: [number, number]
  yExtent: [number, number]
  /** SSE / SSB in the feature space, and how many features that has; NaN where the report doesn't say. */
  ratio: number
  dimensions: number
  trustworthiness: number
  explainedVariance: number
}
export type EmbeddingRow = { label: string; panels: (EmbeddingPanel | null)[] }
export type EmbeddingSeries = {
  rows: EmbeddingRow[]
  exits: number[]
  classes: number
  points: number
  dataset: string
}

/** Orthographic view of a map with three coordinates, from 30 degrees aside and 20 above; two stay as they are. */
export function projectPoint(point: readonly number[]): [number, number] {
  const [a = NaN, b = NaN, c] = point
  if (c === undefined) return [a, b]
  const [turn, tilt] = [Math.PI / 6, Math.PI / 9]
  const depth = a * Math.sin(turn) + b * Math.cos(turn)
  return [a * Math.cos(turn) - b * Math.sin(turn), c * Math.cos(tilt) + depth * Math.sin(tilt)]
}

function makePanel(entry: Report['checkpoints'][number], exit: number): EmbeddingPanel | null {
  const found = entry.exits.find((row) => row.exit === exit)
  if (found === undefined) return null
  const points = found.points.flatMap((point, i): MapPoint[] => {
    const [x, y] = projectPoint(point)
    if (!Number.isFinite(x) || !Number.isFinite(y)) return []
    const label = entry.labels[i] ?? 0
    return [{ x, y, label, prediction: found.predictions[i] ?? label, index: entry.indices[i] ?? i }]
  })
  const scatter = found.discriminativeness
  return {
    exit,
    points,
    xExtent: extentOf(
      points.map(({ x }) => x),
      [0, 1]
    ),
    yExtent: extentOf(
      points.map(({ y }) => y),
      [0, 1]
    ),
    ratio: scatter.ratio,
    dimensions: scatter.dimensions ?? NaN,
    trustworthiness: found.quality.trustworthiness,
    explainedVariance: found.quality.explainedVariance ?? NaN
  }
}

/** What to draw of an embedding report: a row per checkpoint, a map per exit. */
export function embeddingSeries(report: Report): EmbeddingSeries {
  const exits = exitsOf(report.checkpoints)
  const rows = report.checkpoints.map((entry) => ({
    label: cleanText(entry.name) || 'unnamed',
    panels: exits.map((exit) => makePanel(entry, exit))
  }))
  const all = rows.flatMap(({ panels }) => panels.flatMap((panel) => panel?.points ?? []))
  const classes = all.reduce((most, { label }) => Math.max(most, label + 1), 0)
  const { data } = report.request
  const dataset = report.provenance.data?.name ?? (data.kind === 'dataset' ? data.name : '')
  return { rows, exits, classes, points: all.length, dataset }
}

/** Legend texts of classes, numbers of the classes that are drawn in colour. */
export function labelClasses(numbers: readonly number[], dataset: string, names?: readonly string[]): string[] {
  return numbers.map((number) => cleanText(nameClass(number, dataset, names)))
}

/** Where a map is looked at: pixels = k * pixels of the whole map + (x, y). */
export type Zoom = { k: number; x: number; y: number }

/** Position of map units in a rectangle with equal scales on both axes, the map centred; y grows upwards on the map. */
export function fitMap(
  panel: Pick<EmbeddingPanel, 'xExtent' | 'yExtent'>,
  rect: { x: number; y: number; width: number; height: number },
  zoom: Zoom = { k: 1, x: 0, y: 0 }
): { x: (value: number) => number; y: (value: number) => number } {
  const margin = 0.06
  const [width, height] = [panel.xExtent[1] - panel.xExtent[0], panel.yExtent[1] - panel.yExtent[0]]
  const scale = (1 - 2 * margin) * Math.min(rect.width / width, rect.height / height)
  const [middleX, middleY] = [(panel.xExtent[0] + panel.xExtent[1]) / 2, (panel.yExtent[0] + panel.yExtent[1]) / 2]
  return {
    x: (value) => rect.x + zoom.k * (rect.width / 2 + scale * (value - middleX)) + zoom.x,
    y: (value) => rect.y + zoom.k * (rect.height / 2 - scale * (value - middleY)) + zoom.y
  }
}
