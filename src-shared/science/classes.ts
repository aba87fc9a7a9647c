import type { Matrix } from './matrix.ts'

/** Rows grouped by label: labels ascending, and of each the rows that carry it. */
export type Classes = { labels: number[]; members: Int32Array[] }

/** Groups N rows by their labels; throws RangeError unless there are N labels. */
export function groupByClass(features: Matrix, labels: ArrayLike<number>): Classes {
  if (labels.length !== features.rows) throw new RangeError(`${labels.length} labels for ${features.rows} features.`)
  const groups = new Map<number, number[]>()
  for (let i = 0; i < labels.length; i++) {
    const group = groups.get(labels[i]!)
    if (group) group.push(i)
    else groups.set(labels[i]!, [i])
  }
  const sorted = [...groups].sort(([a], [b]) => a - b)
  return { labels: sorted.map(([label]) => label), members: sorted.map(([, rows]) => Int32Array.from(rows)) }
}

/** Mean of the given rows, float64; NaN for none. */
export function meanOfRows({ data, columns }: Matrix, rows: Int32Array): Float64Array {
  const sum = new Float64Array(columns)
  for (const row of rows) for (let k = 0, at = row * columns; k < columns; k++, at++) sum[k] = sum[k]! + data[at]!
  for (let k = 0; k < columns; k++) sum[k] = sum[k]! / rows.length
  return sum
}

/** Squared Euclidean distance of two vectors of equal length. */
export function squaredDistance(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let k = 0; k < a.length; k++) sum += (a[k]! - b[k]!) ** 2
  return sum
}
