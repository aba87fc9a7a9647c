import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareTensors, type TensorDifference } from '../../src-shared/science/tensor-difference.ts'
import { measureTensor, type TensorStatistics, type TensorValues } from '../../src-shared/science/tensor-statistics.ts'

function finish<T>(pieces: Generator<number, T>): T {
  for (;;) {
    const { done, value } = pieces.next()
    if (done) return value
  }
}
const measure = (values: TensorValues, bins?: number): TensorStatistics => finish(measureTensor(values, bins))
const compare = (a: TensorValues, b: TensorValues): TensorDifference => finish(compareTensors(a, b))

const floats = fc
  .array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 80 })
  .map((values) => Float32Array.from(values))

describe('statistics of a tensor', () => {
  it('of 3, 4, 0, -5 are these', () => {
    const { histogram, ...numbers } = measure(Float32Array.of(3, 4, 0, -5), 3)
    expect(numbers).toEqual({
      ...{ count: 4, mean: 0.5, deviation: Math.sqrt(49 / 4), min: -5, max: 4, norm: Math.sqrt(50) },
      ...{ zeroFraction: 0.25, nearZeroFraction: 0.25, nonFinite: 0 }
    })
    expect(histogram).toEqual({ low: -5, high: 4, counts: Uint32Array.of(1, 1, 2) })
  })

  it('count what is below 1e-8 of the largest as near zero, zeros among them', () => {
    const { zeroFraction, nearZeroFraction } = measure(Float32Array.of(100, 0.9e-6, 1.1e-6, 0, -0))
    expect([zeroFraction, nearZeroFraction]).toEqual([0.4, 0.6])
  })

  it('leave values out that are not finite, and count them', () => {
    const { count, mean, min, max, nonFinite, histogram } = measure(Float32Array.of(NaN, 1, Infinity, 3, -Infinity))
    expect({ count, mean, min, max, nonFinite }).toEqual({ count: 5, mean: 2, min: 1, max: 3, nonFinite: 3 })
    expect(histogram.counts.reduce((sum, n) => sum + n, 0)).toBe(2)
  })

  it.each([
    ['no values', Float32Array.of(), { count: 0, mean: NaN, norm: NaN, zeroFraction: NaN, nonFinite: 0 }],
    ['NaN only', Float32Array.of(NaN, NaN), { count: 2, mean: NaN, norm: NaN, zeroFraction: 0, nonFinite: 2 }],
    [
      'zeros only',
      new Float32Array(3),
      { count: 3, mean: 0, norm: 0, zeroFraction: 1, nearZeroFraction: 1, nonFinite: 0 }
    ],
    ['whole numbers', BigInt64Array.of(2n, 4n), { count: 2, mean: 3, deviation: 1, min: 2, max: 4 }],
    ['bytes', Uint8Array.of(0, 1, 1, 0), { count: 4, mean: 0.5, deviation: 0.5, zeroFraction: 0.5 }]
  ])('of %s are these', (_, values, expected) => expect(measure(values)).toMatchObject(expected))

  it('of one value everywhere have a histogram half a unit wide on either side, as NumPy has it', () => {
    const { histogram } = measure(Float32Array.of(2, 2, 2), 4)
    expect(histogram).toEqual({ low: 1.5, high: 2.5, counts: Uint32Array.of(0, 0, 3, 0) })
  })

  it('of more values than are looked at in a turn are those of all', () => {
    const values = Float32Array.from({ length: 600_000 }, (_, i) => i % 7)
    const { mean, deviation, norm, zeroFraction, histogram } = measure(values, 7)
    const whole = [...histogram.counts]
    expect(whole).toEqual(Array.from({ length: 7 }, (_, i) => Math.ceil((600_000 - i) / 7)))
    const sum = whole.reduce((total, n, i) => total + n * i, 0)
    const squares = whole.reduce((total, n, i) => total + n * i * i, 0)
    expect(mean).toBeCloseTo(sum / 600_000, 12)
    expect(deviation).toBeCloseTo(Math.sqrt(squares / 600_000 - mean ** 2), 9)
    expect(norm).toBeCloseTo(Math.sqrt(squares), 9)
    expect(zeroFraction).toBe(whole[0]! / 600_000)
    expect([...measureTensor(values)].length).toBeGreaterThan(4)
  })

  it('do not overflow', () => {
    const { norm, deviation } = measure(Float32Array.of(3e38, -3e38))
    expect(norm / 3e38).toBeCloseTo(Math.SQRT2, 6)
    expect(deviation / 3e38).toBeCloseTo(1, 6)
  })

  it('grow with the tensor; their histogram counts every value; the order of values does not matter', () => {
    fc.assert(
      fc.property(floats, fc.constantFrom(0.25, 2, 1024), (values, factor) => {
        const before = measure(values)
        const after = measure(values.map((value) => value * factor))
        expect(after.norm).toBeCloseTo(factor * before.norm, Math.max(0, 4 - Math.log10(1 + after.norm)))
        expect(before.histogram.counts.reduce((sum, n) => sum + n, 0)).toBe(values.length)
        expect([before.min <= before.mean + 1e-3, before.mean <= before.max + 1e-3]).toEqual([true, true])
        expect(measure(values.toReversed()).histogram).toEqual(before.histogram)
      })
    )
  })
})

describe('the difference of two tensors', () => {
  it('of 3, 4 and 3, 1 is this', () => {
    const { cosine, ...rest } = compare(Float32Array.of(3, 4), Float32Array.of(3, 1))
    expect(rest).toEqual({ isEqual: false, maxAbs: 3, meanAbs: 1.5, relative: 0.6, unequalFraction: 0.5 })
    expect(cosine).toBeCloseTo(13 / (5 * Math.sqrt(10)), 12)
  })

  it.each([
    ['zeros and something', Float32Array.of(0, 0), Float32Array.of(0, 2), { relative: Infinity, cosine: NaN }],
    ['nothing', Float32Array.of(), Float32Array.of(), { isEqual: true, relative: 0, unequalFraction: 0, meanAbs: 0 }],
    ['zeros of two signs', Float32Array.of(0), Float32Array.of(-0), { isEqual: false, maxAbs: 0, unequalFraction: 1 }],
    ['the same NaN', Float32Array.of(NaN, 1), Float32Array.of(NaN, 1), { isEqual: true, maxAbs: 0, relative: 0 }],
    [
      'NaN and a number',
      Float32Array.of(NaN, 1),
      Float32Array.of(2, 1),
      { isEqual: false, maxAbs: 0, unequalFraction: 0.5 }
    ],
    [
      'large whole numbers',
      BigInt64Array.of(2n ** 60n),
      BigInt64Array.of(2n ** 60n + 1n),
      { isEqual: false, maxAbs: 0 }
    ],
    ['two types', BigInt64Array.of(1n, 2n), Float32Array.of(1, 2), { isEqual: true, maxAbs: 0 }],
    ['opposites', Float32Array.of(1, 2), Float32Array.of(-1, -2), { cosine: -1, relative: 2 }]
  ])('of %s is this', (_, a, b, expected) => expect(compare(a, b)).toMatchObject(expected))

  it('of a tensor and itself is none; it does not see a common factor', () => {
    fc.assert(
      fc.property(floats, (values) => {
        expect(compare(values, values.slice())).toMatchObject({
          isEqual: true,
          maxAbs: 0,
          relative: 0,
          unequalFraction: 0
        })
        const other = values.toReversed()
        const { relative, cosine } = compare(values, other)
        const scaled = compare(
          values.map((value) => 4 * value),
          other.map((value) => 4 * value)
        )
        expect(scaled.relative).toBeCloseTo(relative, 6)
        if (!Number.isNaN(cosine)) expect(scaled.cosine).toBeCloseTo(cosine, 6)
      })
    )
  })

  it('needs as many values on both sides', () => {
    expect(() => compare(Float32Array.of(1), Float32Array.of(1, 2))).toThrow(RangeError)
  })
})
