import type { TensorDifferenceRow } from '../../src-shared/contract.ts'
import { formatCsv } from '../../src-shared/csv.ts'
import { alongNetwork } from './parts.ts'
import { shapeText, sortByNumber } from './tensor-rows.ts'

export type DiffColumn = 'name' | 'relative' | 'maxAbs' | 'cosine' | 'unequalFraction'
export type DiffOrder = { column: DiffColumn; isDescending: boolean }

export const stateWords: Record<TensorDifferenceRow['state'], string> = {
  equal: 'equal',
  differs: 'differs',
  shape: 'other shape',
  onlyInA: 'only in the first',
  onlyInB: 'only in the second'
}

/** Rows in an order, null for that along the network; what was not compared stands last either way. */
export function sortDiff(rows: readonly TensorDifferenceRow[], order: DiffOrder | null): TensorDifferenceRow[] {
  if (!order) return alongNetwork(rows)
  const { column, isDescending } = order
  const sign = isDescending ? -1 : 1
  if (column === 'name') return rows.toSorted((a, b) => sign * a.name.localeCompare(b.name, 'en', { numeric: true }))
  return sortByNumber(rows, (row) => row[column], sign)
}

/** The shapes of a tensor on both sides, once where they are one. */
export function bothShapes({ a, b, state }: TensorDifferenceRow): string {
  const [one, other] = [a, b].map((header) => (header ? shapeText(header.shape) : ''))
  return state === 'shape' ? `${one} → ${other}` : one || other || ''
}

/** A bar of the drawing: how far a layer's weights went. */
export type DiffBar = Pick<TensorDifferenceRow, 'name' | 'relative' | 'state' | 'stage' | 'part'>
/** Bars that belong together: the stem, a stage, the head of an exit. */
export type DiffGroup = { label: string; stage: number | null; bars: DiffBar[] }

/** More than a drawing can show apart. */
export const mostBars = 1500

/**
 * The layers' weights, grouped by their place along the network, the exits' heads last; biases, averages and counters are
 * left out. Of an unknown network every tensor of two axes or more, in one group.
 */
export function diffGroups(rows: readonly TensorDifferenceRow[]): DiffGroup[] {
  const isKnown = rows.some(({ part }) => part !== undefined)
  const isMatrix = ({ a, b }: TensorDifferenceRow) => (a ?? b)!.shape.length > 1
  const weights = rows.filter((row) => (isKnown ? row.role === 'convolution' || row.role === 'linear' : isMatrix(row)))
  const shown = (weights.length > 0 ? weights : rows).slice(0, mostBars)
  if (!isKnown) return shown.length > 0 ? [{ label: '', stage: null, bars: shown }] : []
  const groups = new Map<string, DiffGroup & { order: number }>()
  for (const bar of shown) {
    const { part = 'backbone', stage = 0 } = bar
    const isHead = part === 'head'
    const key = `${part} ${stage}`
    const label = isHead ? `exit ${stage}` : stage === 0 ? 'stem' : `stage ${stage}`
    const group = groups.get(key) ?? { label, stage, bars: [], order: (isHead ? 1000 : 0) + stage }
    group.bars.push(bar)
    groups.set(key, group)
  }
  return [...groups.values()].sort((a, b) => a.order - b.order)
}

const headings = [
  ...['name', 'state', 'shape_a', 'type_a', 'shape_b', 'type_b', 'role', 'part', 'stage'],
  ...['relative', 'max_abs', 'mean_abs', 'cosine', 'unequal_fraction']
]

/** The list as comma-separated text. */
export const diffToCsv = (rows: readonly TensorDifferenceRow[]): string =>
  formatCsv(
    headings,
    rows.map(({ name, state, a, b, role, part, stage, relative, maxAbs, meanAbs, cosine, unequalFraction }) => [
      ...[name, state, a ? a.shape.join('x') : '', a?.dtype ?? '', b ? b.shape.join('x') : '', b?.dtype ?? ''],
      ...[role ?? '', part ?? '', stage ?? '', relative, maxAbs, meanAbs, cosine, unequalFraction]
    ])
  )
