/** Values of a tensor, in any of the ways in which checkpoints hold them. */
export type TensorValues = Float32Array | Float64Array | Int32Array | Uint8Array | BigInt64Array

/** Counts of values in bins of equal width from `low` to `high`; the last one holds `high` too. */
export type Histogram = { low: number; high: number; counts: Uint32Array<ArrayBuffer> }

/** What a tensor's values are like. All but the counts are of its finite values, and NaN where there are none. */
export type TensorStatistics = {
  /** Of all values. */
  count: number
  mean: number
  /** Standard deviation over all of them: divided by n, not by n - 1. */
  deviation: number
  min: number
  max: number
  /** Euclidean (L2) norm. */
  norm: number
  /** Share of exact zeros, 0..1 of all values. */
  zeroFraction: number
  /** Share of values below 1e-8 of the largest magnitude, exact zeros among them, 0..1 of all values. */
  nearZeroFraction: number
  /** Number of NaN and infinite values. */
  nonFinite: number
  histogram: Histogram
}

type Numbers = Exclude<TensorValues, BigInt64Array>

/** A part of a tensor's values as numbers; nothing is copied but whole numbers of 64 bits, which lose what is beyond 2^53. */
export const numbersOf = (values: TensorValues, from: number, to: number): Numbers =>
  values instanceof BigInt64Array ? Float64Array.from(values.subarray(from, to), Number) : values.subarray(from, to)

/** Bins of a tensor's histogram. */
export const histogramBins = 48
/** Below this share of the largest magnitude a value counts as near zero. */
const nearZero = 1e-8
/** Values between two chances for others: a few milliseconds of work. */
const pieceLength = 2 ** 18

/**
 * Statistics of a tensor, in pieces: after each the generator yields how many of twice the values it has looked at, so
 * that others get their turn. A tensor of one value everywhere has a histogram half a unit wide on either side.
 */
export function* measureTensor(values: TensorValues, bins = histogramBins): Generator<number, TensorStatistics> {
  const count = values.length
  const first = { sum: 0, squares: 0, min: Infinity, max: -Infinity, zeros: 0, nonFinite: 0 }
  for (let from = 0; from < count; from += pieceLength) {
    const to = Math.min(count, from + pieceLength)
    sumUp(numbersOf(values, from, to), first)
    yield to
  }
  const { sum, squares, min, max, zeros, nonFinite } = first
  const finite = count - nonFinite
  const [low, high] = finite === 0 ? [NaN, NaN] : min === max ? [min - 0.5, max + 0.5] : [min, max]
  const mean = finite === 0 ? NaN : sum / finite
  const second = { counts: new Uint32Array(bins), squares: 0, small: 0, mean, low, high, least: 0 }
  second.least = nearZero * Math.max(Math.abs(min), Math.abs(max))
  for (let from = 0; from < count && finite > 0; from += pieceLength) {
    const to = Math.min(count, from + pieceLength)
    sortIn(numbersOf(values, from, to), second)
    yield count + to
  }
  return {
    count,
    mean,
    deviation: finite === 0 ? NaN : Math.sqrt(second.squares / finite),
    min: finite === 0 ? NaN : min,
    max: finite === 0 ? NaN : max,
    norm: finite === 0 ? NaN : Math.sqrt(squares),
    zeroFraction: count === 0 ? NaN : zeros / count,
    nearZeroFraction: count === 0 ? NaN : second.small / count,
    nonFinite,
    histogram: { low, high, counts: second.counts }
  }
}

type First = { sum: number; squares: number; min: number; max: number; zeros: number; nonFinite: number }

function sumUp(values: Numbers, into: First): void {
  let { sum, squares, min, max, zeros, nonFinite } = into
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (!Number.isFinite(value)) {
      nonFinite++
      continue
    }
    if (value === 0) zeros++
    if (value < min) min = value
    if (value > max) max = value
    sum += value
    squares += value * value
  }
  Object.assign(into, { sum, squares, min, max, zeros, nonFinite })
}

type Second = {
  counts: Uint32Array<ArrayBuffer>
  squares: number
  small: number
  mean: number
  low: number
  high: number
  least: number
}

function sortIn(values: Numbers, into: Second): void {
  const { counts, mean, low, high, least } = into
  const bins = counts.length
  const scale = bins / (high - low)
  let { squares, small } = into
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (!Number.isFinite(value)) continue
    const away = value - mean
    squares += away * away
    if (value === 0 || Math.abs(value) < least) small++
    const bin = Math.floor((value - low) * scale)
    // A width near the smallest number there is makes a scale that is none.
    counts[bin < 0 ? 0 : bin < bins ? bin : bins - 1]!++
  }
  Object.assign(into, { squares, small })
}
