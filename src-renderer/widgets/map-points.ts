import { quadtree, type Quadtree } from 'd3'
import type { EmbeddingPanel } from '../figures/embedding-series.ts'

/** A map's points as flat arrays, in the order they are drawn in, and how to find one. */
export type MapPoints = {
  x: Float32Array
  y: Float32Array
  /** Class of each point. */
  look: Uint16Array
  order: Uint32Array
  /** Position in the arrays of an image. */
  positionOf: ReadonlyMap<number, number>
  tree: Quadtree<number>
}

const known = new WeakMap<EmbeddingPanel, MapPoints>()

/** The points of a panel; made once. */
export function mapPointsOf(panel: EmbeddingPanel): MapPoints {
  const made = known.get(panel) ?? make(panel)
  known.set(panel, made)
  return made
}

function make({ points }: EmbeddingPanel): MapPoints {
  const count = points.length
  const x = new Float32Array(count)
  const y = new Float32Array(count)
  const look = new Uint16Array(count)
  const positionOf = new Map<number, number>()
  points.forEach((point, position) => {
    x[position] = point.x
    y[position] = point.y
    look[position] = point.label
    positionOf.set(point.index, position)
  })
  // As in figures/embedding-marks.ts: four layers, the classes in turn, so that none lies on top of all others.
  const order = Uint32Array.from({ length: count }, (_, position) => position)
  order.sort((a, b) => (a % 4) - (b % 4) || look[a]! - look[b]! || a - b)
  const tree = quadtree<number>()
    .x((position) => x[position]!)
    .y((position) => y[position]!)
    .addAll([...order])
  return { x, y, look, order, positionOf, tree }
}

/** Image ids of the points inside a closed outline, both in map units. */
export function imagesInside(panel: EmbeddingPanel, outline: readonly [number, number][]): number[] {
  return panel.points.filter(({ x, y }) => isInside(x, y, outline)).map(({ index }) => index)
}

/** Even-odd rule. */
function isInside(x: number, y: number, outline: readonly [number, number][]): boolean {
  let inside = false
  for (let i = 0, j = outline.length - 1; i < outline.length; j = i++) {
    const [xi, yi] = outline[i]!
    const [xj, yj] = outline[j]!
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside
  }
  return inside
}
