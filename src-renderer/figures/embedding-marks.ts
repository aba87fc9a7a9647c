import type { EmbeddingPanel, MapPoint } from './embedding-series.ts'
import { markerPath } from './markers.ts'
import { formatCount, formatNumber } from './numbers.ts'
import type { ClassLook } from './palette.ts'
import { wrapText } from './text-width.ts'
import { fontSize } from './theme.ts'
import type { Rect } from './types.ts'

/** What draws the points of one map: given to the figure's `marks` snippet. */
export type MapMarks = {
  /** Row of the figure: index of the checkpoint in the report. */
  entryIndex: number
  panel: EmbeddingPanel
  rect: Rect
  x: (value: number) => number
  y: (value: number) => number
  looks: ClassLook[]
  radius: number
}

/** One SVG path that draws many points of a class; faded where others are selected. */
export type MarkPath = { d: string; label: number; isFaded: boolean }

/** Opacity of points that are not selected while others are. */
export const fadedOpacity = 0.14
/** Up to so many selected points get a ring each. */
export const mostRings = 30

/** Radius of a point's marker: the more points on the map, the smaller. */
export const chooseRadius = (points: number, side: number): number =>
  Math.min(3.6, Math.max(1.4, (0.24 * side) / Math.sqrt(Math.max(points, 1))))

const layers = 4

/**
 * Paths of all points: faded and grey ones below, then the classes in turn, in four layers, so that no class lies on top
 * of all others; points outside of the rectangle are left out. Where images are selected, all others are faded.
 */
export function makeMarkPaths(
  { panel, rect, x, y, looks, radius }: MapMarks,
  selection: ReadonlySet<number> = new Set()
): MarkPath[] {
  const inside = ({ x: left, y: top }: MapPoint): boolean => {
    const [px, py] = [x(left), y(top)]
    const room = radius * 2
    return (
      px > rect.x - room && px < rect.x + rect.width + room && py > rect.y - room && py < rect.y + rect.height + room
    )
  }
  const hasGrey = looks.some(({ highlighted }) => !highlighted)
  const groups = new Map<string, MarkPath>()
  panel.points.filter(inside).forEach((point, i) => {
    const look = looks[point.label]
    if (look === undefined) return
    const isFaded = selection.size > 0 && !selection.has(point.index)
    const layer = isFaded ? -1 : look.highlighted ? 1 + (i % layers) : 0
    const key = `${layer} ${look.highlighted ? point.label : 'grey'}`
    const group = groups.get(key) ?? { d: '', label: point.label, isFaded }
    // A few classes among many grey ones should catch the eye.
    const size = hasGrey && look.highlighted ? radius * 1.4 : radius
    group.d += markerPath(look.shape, x(point.x), y(point.y), size)
    groups.set(key, group)
  })
  const order = ([key]: [string, MarkPath]): number => {
    const [layer = '0', label = '0'] = key.split(' ')
    return Number(layer) * 10_000 + (Number(label) || 0)
  }
  return [...groups.entries()].sort((a, b) => order(a) - order(b)).map(([, group]) => group)
}

/** Lines under a map, below its SSE/SSB: where that was measured, and how far the map can be trusted. */
export function captionLines(panel: EmbeddingPanel, width: number): string[] {
  const space = Number.isFinite(panel.dimensions) ? `the ${formatCount(panel.dimensions)} features` : 'all features'
  const quality = Number.isFinite(panel.explainedVariance)
    ? `variance shown ${formatNumber(100 * panel.explainedVariance, 2)} %`
    : `trustworthiness ${formatNumber(panel.trustworthiness, 2)}`
  return [`in ${space}, not on this map`, quality].flatMap((text) => wrapText(text, width, fontSize.small))
}
