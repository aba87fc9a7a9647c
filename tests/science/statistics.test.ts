import fc from 'fast-check'
import { expect, it } from 'vitest'
import { band, mean, quantile, variance } from '../../src-shared/science/statistics.ts'
import { reference } from './fixtures.ts'

const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true })
const some = fc.array(finite, { minLength: 1, maxLength: 30 })

it('gives mean and variance of small lists', () => {
  expect(mean([1, 2, 6])).toBe(3)
  expect(variance([1, 2, 6])).toBeCloseTo(14 / 3, 12)
  expect(variance([1, 2, 6], true)).toBe(7)
  expect(variance([5])).toBe(0)
})

it('gives NaN where nothing is defined', () => {
  for (const value of [mean([]), variance([]), variance([5], true), quantile([], 0.5), mean([1, NaN])]) {
    expect(value).toBeNaN()
  }
  expect(variance([1, NaN])).toBeNaN()
  expect(quantile([1, NaN, 2], 0)).toBeNaN()
  expect(band([])).toEqual({ mean: NaN, low: NaN, high: NaN })
})

it('has a variance that no shift changes and a scale squares', () => {
  fc.assert(
    fc.property(some, fc.double({ min: -100, max: 100, noNaN: true }), (values, by) => {
      const size = 1 + variance(values)
      expect(variance(values.map((value) => value + by)) / size).toBeCloseTo(variance(values) / size, 6)
      expect(variance(values.map((value) => value * by))).toBeCloseTo(variance(values) * by * by, -Math.log10(size) - 3)
    })
  )
})

it("gives NumPy's quantiles", () => {
  for (const [q, value] of Object.entries(reference.quantiles.at)) {
    expect(quantile(reference.quantiles.values, Number(q))).toBeCloseTo(value, 12)
  }
})

it('interpolates between sorted values, and its ends are the extremes', () => {
  fc.assert(
    fc.property(some, (values) => {
      const sorted = values.toSorted((a, b) => a - b)
      sorted.forEach((value, i) => {
        const q = sorted.length === 1 ? 0 : i / (sorted.length - 1)
        expect(Math.abs(quantile(values, q) - value)).toBeLessThan(1e-6)
      })
      expect(quantile(values, 0)).toBe(sorted[0])
      expect(quantile(values, 1)).toBe(sorted.at(-1))
      const { low, high } = band(values)
      expect(low).toBeLessThanOrEqual(high)
    })
  )
  expect(() => quantile([1], 1.5)).toThrow('1.5')
})
