import type { TensorStatisticsRow } from '../../src-shared/contract.ts'
import { formatCsv } from '../../src-shared/csv.ts'
import { alongNetwork, isOf, type Inspection, type PartFilter } from './parts.ts'

/** A tensor of the list: what the header says, and its numbers once they are measured. */
export type TensorRow = Inspection['tensors'][number] & { count: number; numbers: TensorStatisticsRow | null }

export const tensorColumns = ['name', 'shape', 'count', 'norm', 'zeros'] as const
export type TensorColumn = (typeof tensorColumns)[number]
export type TensorOrder = { column: TensorColumn; isDescending: boolean }

/** Tensors along the network, of an unknown one in the file's order, with what is measured of them so far. */
export function joinRows(tensors: Inspection['tensors'], measured: readonly TensorStatisticsRow[]): TensorRow[] {
  const byName = new Map(measured.map((row) => [row.name, row]))
  return alongNetwork(tensors).map((tensor) => ({
    ...tensor,
    count: tensor.shape.reduce((product, length) => product * length, 1),
    numbers: byName.get(tensor.name) ?? null
  }))
}

/** Rows of a part whose names hold every word of the search, in any case. */
export function filterRows<R extends { name: string; part?: string | undefined; stage?: number | undefined }>(
  rows: readonly R[],
  search: string,
  part: PartFilter | null
): R[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  return rows.filter((row) => {
    if (part && !isOf(row, part)) return false
    const name = row.name.toLowerCase()
    return words.every((word) => name.includes(word))
  })
}

const names = new Intl.Collator('en', { numeric: true })
const compareShapes = (a: readonly number[], b: readonly number[]): number => {
  if (a.length !== b.length) return a.length - b.length
  const at = a.findIndex((length, i) => length !== b[i])
  return at < 0 ? 0 : a[at]! - b[at]!
}
const numberOf: Record<'count' | 'norm' | 'zeros', (row: TensorRow) => number> = {
  count: ({ count }) => count,
  norm: ({ numbers }) => numbers?.norm ?? NaN,
  zeros: ({ numbers }) => numbers?.zeroFraction ?? NaN
}

/** Rows in an order, null for the one they are in; what has no number stands last either way. */
export function sortRows(rows: readonly TensorRow[], order: TensorOrder | null): TensorRow[] {
  if (!order) return [...rows]
  const sign = order.isDescending ? -1 : 1
  const { column } = order
  if (column === 'name') return rows.toSorted((a, b) => sign * names.compare(a.name, b.name))
  if (column === 'shape') return rows.toSorted((a, b) => sign * compareShapes(a.shape, b.shape))
  return sortByNumber(rows, numberOf[column], sign)
}

/** Rows by a number of theirs; NaN stands last either way. */
export function sortByNumber<R>(rows: readonly R[], read: (row: R) => number, sign: number): R[] {
  return rows.toSorted((one, other) => {
    const [a, b] = [read(one), read(other)]
    if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
    // Not by difference: two infinite ones have none.
    return a === b ? 0 : sign * (a < b ? -1 : 1)
  })
}

/** The order after a click on a column: numbers largest first, then the other way round, then as they were. */
export function nextOrder<C extends string>(
  order: { column: C; isDescending: boolean } | null,
  column: C,
  isNumber: boolean
): { column: C; isDescending: boolean } | null {
  if (order?.column !== column) return { column, isDescending: isNumber }
  return order.isDescending === isNumber ? { column, isDescending: !isNumber } : null
}

/** `64 × 3 × 7 × 7`; `scalar` of no axes. */
export const shapeText = (shape: readonly number[]): string => shape.join(' × ') || 'scalar'

const unmeasured = Array.from({ length: 8 }, () => NaN)
const headings = [
  ...['name', 'shape', 'type', 'role', 'part', 'stage', 'count', 'mean', 'deviation', 'min', 'max', 'norm'],
  ...['zero_fraction', 'near_zero_fraction', 'non_finite']
]

/** The list as comma-separated text. */
export const tensorsToCsv = (rows: readonly TensorRow[]): string =>
  formatCsv(
    headings,
    rows.map(({ name, shape, dtype, role, part, stage, count, numbers: n }) => [
      ...[name, shape.join('x'), dtype, role ?? '', part ?? '', stage ?? '', count],
      ...(n ? [n.mean, n.deviation, n.min, n.max, n.norm, n.zeroFraction, n.nearZeroFraction, n.nonFinite] : unmeasured)
    ])
  )

/** A histogram's bins as comma-separated text. */
export function histogramToCsv({ low, high, counts }: TensorStatisticsRow['histogram']): string {
  const edge = (i: number) => low + (i * (high - low)) / counts.length
  return formatCsv(
    ['low', 'high', 'count'],
    Array.from(counts, (count, i) => [edge(i), edge(i + 1), count])
  )
}
