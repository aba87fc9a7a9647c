import { numbersOf, type TensorValues } from './tensor-statistics.ts'

/** How two tensors of one shape differ. Values that are not finite count as unequal only, unless both are the same. */
export type TensorDifference = {
  /** True where every value has the same bits. */
  isEqual: boolean
  /** Largest |a - b|. */
  maxAbs: number
  /** Mean |a - b| over all values. */
  meanAbs: number
  /** L2 norm of a - b over that of a: 0 where both are zero, infinite where only a is. */
  relative: number
  /** Cosine of the angle between a and b as vectors; NaN where one is zero. */
  cosine: number
  /** Share of values whose bits differ, 0..1. */
  unequalFraction: number
}

const pieceLength = 2 ** 18

/**
 * Compares two tensors of as many values, in pieces: after each the generator yields how many it has looked at. Throws
 * RangeError where their lengths differ.
 */
export function* compareTensors(a: TensorValues, b: TensorValues): Generator<number, TensorDifference> {
  const count = a.length
  if (b.length !== count) throw new RangeError(`Tensors of ${count} and ${b.length} values cannot be compared.`)
  const sums: Sums = { unequal: 0, max: 0, abs: 0, squares: 0, normA: 0, normB: 0, dot: 0 }
  for (let from = 0; from < count; from += pieceLength) {
    const to = Math.min(count, from + pieceLength)
    compare(pieceOf(a, from, to), pieceOf(b, from, to), sums)
    yield to
  }
  const { unequal, max, abs, squares, normA, normB, dot } = sums
  const lengths = Math.sqrt(normA * normB)
  return {
    isEqual: unequal === 0,
    maxAbs: max,
    meanAbs: count === 0 ? 0 : abs / count,
    relative: squares === 0 ? 0 : Math.sqrt(squares / normA),
    // Rounding may take it a little further than an angle can.
    cosine: lengths === 0 ? NaN : Math.max(-1, Math.min(1, dot / lengths)),
    unequalFraction: count === 0 ? 0 : unequal / count
  }
}

type Sums = { unequal: number; max: number; abs: number; squares: number; normA: number; normB: number; dot: number }
type Piece = { values: ArrayLike<number>; bits: Uint32Array | BigInt64Array | null }

/** Values from one place to another as numbers, and as bits where equal numbers may have other bits. */
function pieceOf(values: TensorValues, from: number, to: number): Piece {
  const numbers = numbersOf(values, from, to)
  if (values instanceof BigInt64Array) return { values: numbers, bits: values.subarray(from, to) }
  const isFloat = numbers instanceof Float32Array
  return {
    values: numbers,
    bits: isFloat ? new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length) : null
  }
}

function compare(a: Piece, b: Piece, into: Sums): void {
  let { unequal, max, abs, squares, normA, normB, dot } = into
  const bits = a.bits && b.bits && a.bits.constructor === b.bits.constructor ? { a: a.bits, b: b.bits } : null
  for (let i = 0; i < a.values.length; i++) {
    const x = a.values[i]!
    const y = b.values[i]!
    if (bits ? bits.a[i] !== bits.b[i] : !Object.is(x, y)) unequal++
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue
    const away = Math.abs(x - y)
    if (away > max) max = away
    abs += away
    squares += away * away
    normA += x * x
    normB += y * y
    dot += x * y
  }
  Object.assign(into, { unequal, max, abs, squares, normA, normB, dot })
}
