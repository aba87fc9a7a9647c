import { groupByClass, meanOfRows, squaredDistance } from './classes.ts'
import type { Matrix } from './matrix.ts'

export { bootstrapRatio } from './bootstrap-ratio.ts'
export { transformFeatures } from './feature-transform.ts'
export { knnAccuracy } from './neighbors.ts'
export { silhouette } from './silhouette.ts'

/** Sum over the given rows of the squared distance to `center`. */
function spread({ data, columns }: Matrix, rows: Int32Array, center: Float64Array): number {
  let sum = 0
  for (const row of rows) {
    for (let k = 0, at = row * columns; k < columns; k++, at++) {
      const difference = data[at]! - center[k]!
      sum += difference * difference
    }
  }
  return sum
}

/** Scatter of N features in C classes; `sst` is summed about the grand mean on its own, so that sse + ssb = sst is a check. */
export type ClassScatter = {
  /** Sum of squares within classes. */
  sse: number
  /** Sum of squares between classes. */
  ssb: number
  /** Sum of squares about the grand mean. */
  sst: number
  /** sse / ssb, which no common scale of the features changes. */
  ratio: number
  /** ssb - (C - 1) sse / (N - C); NaN where N = C. */
  unbiasedSsb: number
  /** C, the classes that occur. */
  classes: number
  /** N. */
  count: number
  /** One entry per class that occurs, ascending; they sum to sse and ssb. */
  perClass: { class: number; count: number; sse: number; ssb: number }[]
}

/**
 * SSE = sum_n ||x_n - m_{c_n}||^2, SSB = sum_c n_c ||m_c - m||^2 and SST = sum_n ||x_n - m||^2 in float64 ('Be Your Own
 * Teacher', Zhang et al. 2019, section 5.3; Fisher's decomposition); throws RangeError unless there is one label per row.
 */
export function classScatter(features: Matrix, labels: ArrayLike<number>): ClassScatter {
  const classes = groupByClass(features, labels)
  const everyRow = Int32Array.from({ length: features.rows }, (_, i) => i)
  const grand = meanOfRows(features, everyRow)
  const perClass = classes.members.map((rows, c) => {
    const center = meanOfRows(features, rows)
    const ssb = rows.length * squaredDistance(center, grand)
    return { class: classes.labels[c]!, count: rows.length, sse: spread(features, rows, center), ssb }
  })
  const sse = perClass.reduce((sum, { sse }) => sum + sse, 0)
  const ssb = perClass.reduce((sum, { ssb }) => sum + ssb, 0)
  const degrees = features.rows - perClass.length
  return {
    sse,
    ssb,
    sst: spread(features, everyRow, grand),
    ratio: sse / ssb,
    unbiasedSsb: degrees > 0 ? ssb - ((perClass.length - 1) * sse) / degrees : NaN,
    classes: perClass.length,
    count: features.rows,
    perClass
  }
}
