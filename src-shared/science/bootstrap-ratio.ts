import { groupByClass, meanOfRows, squaredDistance } from './classes.ts'
import type { Matrix } from './matrix.ts'
import { createRandom } from './random.ts'
import { quantile } from './statistics.ts'

/** One class: its rows less their mean, row-major, with their squared norms. */
type Centered = { count: number; mean: Float64Array; rows: Float64Array; norms: Float64Array }

/**
 * Interval of 80 % for sse/ssb from bootstrap resamples within the classes (Efron 1979): the ratio times the resamples'
 * 10 and 90 % quantiles over their median. A resample holds rows twice, which shrinks its sse by (n_c - 1)/n_c on
 * average and grows its ssb; the median takes that bias out, so the interval holds the ratio. With row n drawn m_n times and x~ = x - m_c: sse_c = sum_n m_n ||x~_n||^2 - ||sum_n m_n x~_n||^2 / n_c. NaN without resamples; throws
 * RangeError unless there is one label per row.
 */
export function bootstrapRatio(
  features: Matrix,
  labels: ArrayLike<number>,
  resamples: number,
  seed: number
): { low: number; high: number } {
  const classes = groupByClass(features, labels).members.map((rows) => center(features, rows))
  const random = createRandom('bootstrap-ratio', seed)
  const times = new Int32Array(features.rows)
  const means = classes.map(() => new Float64Array(features.columns))
  const ratios = new Float64Array(resamples)
  for (let b = 0; b < resamples; b++) {
    let sse = 0
    classes.forEach((group, c) => {
      times.fill(0, 0, group.count)
      for (let n = 0; n < group.count; n++) {
        const drawn = random.integer(group.count)
        times[drawn] = times[drawn]! + 1
      }
      sse += resample(group, times, means[c]!)
    })
    ratios[b] = sse / betweenClasses(classes, means, features.rows)
  }
  const sse = classes.reduce((sum, { norms }) => sum + norms.reduce((a, b) => a + b, 0), 0)
  const ratio =
    sse /
    betweenClasses(
      classes,
      classes.map(({ mean }) => mean),
      features.rows
    )
  const scale = ratio / quantile(ratios, 0.5)
  return { low: scale * quantile(ratios, 0.1), high: scale * quantile(ratios, 0.9) }
}

function center(features: Matrix, members: Int32Array): Centered {
  const d = features.columns
  const mean = meanOfRows(features, members)
  const rows = new Float64Array(members.length * d)
  const norms = new Float64Array(members.length)
  members.forEach((row, n) => {
    let norm = 0
    for (let k = 0; k < d; k++) {
      const value = features.data[row * d + k]! - mean[k]!
      rows[n * d + k] = value
      norm += value * value
    }
    norms[n] = norm
  })
  return { count: members.length, mean, rows, norms }
}

/** The class's sse where row n counts `times[n]` times; its mean goes to `mean`. */
function resample(group: Centered, times: Int32Array, mean: Float64Array): number {
  const d = mean.length
  let squares = 0
  mean.fill(0)
  for (let n = 0; n < group.count; n++) {
    const weight = times[n]!
    if (weight === 0) continue
    squares += weight * group.norms[n]!
    for (let k = 0, at = n * d; k < d; k++, at++) mean[k] = mean[k]! + weight * group.rows[at]!
  }
  let shift = 0
  for (let k = 0; k < d; k++) {
    shift += mean[k]! * mean[k]!
    mean[k] = group.mean[k]! + mean[k]! / group.count
  }
  return Math.max(0, squares - shift / group.count)
}

function betweenClasses(classes: readonly Centered[], means: readonly Float64Array[], count: number): number {
  const grand = new Float64Array(means[0]?.length ?? 0)
  classes.forEach((group, c) => {
    const share = group.count / count
    for (let k = 0; k < grand.length; k++) grand[k] = grand[k]! + share * means[c]![k]!
  })
  return classes.reduce((sum, group, c) => sum + group.count * squaredDistance(means[c]!, grand), 0)
}
