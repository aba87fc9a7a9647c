import type { Shape } from './markers.ts'
import { ellipsize, textWidth } from './text-width.ts'
import { fontSize } from './theme.ts'

/** What stands before a legend's text: a line with its marker, a marker alone, or a band. */
export type LegendItem = {
  label: string
  kind: 'line' | 'marker' | 'band'
  color: string
  dash?: string
  shape?: Shape
  hollow?: boolean
}
/** An item at its place; x and y are the left end and the middle of its row. */
export type PlacedItem = LegendItem & { x: number; y: number; swatch: number }
export type LegendLayout = { items: PlacedItem[]; height: number }

const rowHeight = 19
const gap = 20
const textGap = 7
const swatchWidth = { line: 38, marker: 12, band: 22 } as const

type Sized = Omit<PlacedItem, 'x' | 'y'> & { width: number }

/** Left ends of `columns` columns, each as wide as its widest item, and the right end of the last. */
function columnEdges(items: readonly Sized[], columns: number): number[] {
  const edges = [0]
  for (let column = 0; column < columns; column++) {
    const widths = items.filter((_, i) => i % columns === column).map(({ width }) => width)
    edges.push((edges.at(-1) ?? 0) + Math.max(0, ...widths) + gap)
  }
  return edges
}

/** Places items in rows of `width` pixels: one row where they fit, else as many aligned columns as fit. */
export function layoutLegend(items: readonly LegendItem[], width: number): LegendLayout {
  if (items.length === 0) return { items: [], height: 0 }
  const longest = items.length > 4 ? 230 : 320
  const sized = items.map((item): Sized => {
    const swatch = swatchWidth[item.kind]
    const label = ellipsize(item.label, Math.min(longest, width - swatch - textGap), fontSize.label)
    return { ...item, label, swatch, width: swatch + textGap + textWidth(label, fontSize.label) }
  })
  let columns = items.length
  while (columns > 1 && (columnEdges(sized, columns).at(-1) ?? 0) - gap > width) columns--
  const edges = columnEdges(sized, columns)
  const placed = sized.map(({ width: _, ...item }, i): PlacedItem => {
    return { ...item, x: edges[i % columns] ?? 0, y: (Math.floor(i / columns) + 0.5) * rowHeight }
  })
  return { items: placed, height: Math.ceil(items.length / columns) * rowHeight }
}
