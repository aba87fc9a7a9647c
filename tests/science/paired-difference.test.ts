import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgeDifference, pairedDifference } from '../../src-shared/science/paired-difference.ts'

const seeds = (...values: number[]) => new Map(values.map((value, seed) => [seed, value]))

describe('a paired difference', () => {
  it('is the mean over seeds with the interval of a paired t test', () => {
    // Differences 1, 2, 3: mean 2, deviation 1, t(2) = 4.303.
    const { mean, low, high, count } = pairedDifference(seeds(10, 10, 10), seeds(11, 12, 13))
    expect(mean).toBeCloseTo(2, 12)
    expect(high - mean).toBeCloseTo(4.303 / Math.sqrt(3), 6)
    expect(mean - low).toBeCloseTo(4.303 / Math.sqrt(3), 6)
    expect(count).toBe(3)
  })
  it('uses the seeds that both have, and only finite values', () => {
    const b = new Map([
      [1, 5],
      [2, NaN],
      [7, 9]
    ])
    expect(pairedDifference(seeds(0, 4, 4), b)).toMatchObject({ mean: 1, count: 1 })
  })
  it('has no interval with one seed, and no mean with none', () => {
    expect(pairedDifference(seeds(1), seeds(2))).toEqual({ mean: 1, low: NaN, high: NaN, count: 1 })
    expect(pairedDifference(new Map(), seeds(2)).mean).toBeNaN()
  })
  it('changes its sign with the sides, and not with a shift of both', () => {
    const values = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 2, maxLength: 40 })
    fc.assert(
      fc.property(values, fc.integer({ min: -50, max: 50 }), (a, shift) => {
        const b = a.map((value, i) => value + Math.sin(i))
        const there = pairedDifference(seeds(...a), seeds(...b))
        const back = pairedDifference(seeds(...b), seeds(...a))
        const moved = pairedDifference(seeds(...a.map((v) => v + shift)), seeds(...b.map((v) => v + shift)))
        expect(back.mean).toBeCloseTo(-there.mean, 9)
        expect(back.low).toBeCloseTo(-there.high, 9)
        expect(moved.mean).toBeCloseTo(there.mean, 9)
        expect(there.low).toBeLessThanOrEqual(there.mean)
      })
    )
  })
})

describe('a verdict', () => {
  const of = (low: number, high: number) => ({ mean: (low + high) / 2, low, high, count: 3 })
  it.each([
    [of(1, 2), 'higher', 'holds'],
    [of(1, 2), 'lower', 'fails'],
    [of(-2, -1), 'higher', 'fails'],
    [of(-2, -1), 'lower', 'holds'],
    [of(-1, 2), 'higher', 'unclear'],
    [{ mean: 3, low: NaN, high: NaN, count: 1 }, 'higher', 'untestable']
  ] as const)('%j, claimed %s: %s', (difference, claimed, verdict) =>
    expect(judgeDifference(difference, claimed)).toBe(verdict)
  )
})
