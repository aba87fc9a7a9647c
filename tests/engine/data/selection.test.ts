import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { balancedIndices, splitValidation, withLabelNoise } from '../../../src-main/engine/data/selection.ts'
import { UsageError } from '../../../src-shared/errors.ts'

const labels = fc.array(fc.nat(4), { minLength: 1, maxLength: 60 })
const seed = fc.nat(0xffffffff)
const countsOf = (values: Iterable<number>) => {
  const counts = new Array<number>(5).fill(0)
  for (const value of values) counts[value]!++
  return counts
}

describe('balancedIndices', () => {
  it('draws distinct images, ascending, as evenly as there are', () => {
    fc.assert(
      fc.property(labels, fc.nat(), seed, (all, some, key) => {
        const limit = 1 + (some % all.length)
        const chosen = balancedIndices(all, limit, 5, key)
        expect(chosen).toHaveLength(limit)
        expect(chosen.every((value, index) => index === 0 || value > chosen[index - 1]!)).toBe(true)
        const drawn = countsOf(Array.from(chosen, (index) => all[index]!))
        const most = Math.max(...drawn)
        countsOf(all).forEach((available, label) =>
          expect(drawn[label]).toBeGreaterThanOrEqual(Math.min(available, most - 1))
        )
      }),
      { seed: 1 }
    )
  })

  it('depends on the seed only, and a smaller draw lies within a larger one', () => {
    const all = Array.from({ length: 100 }, (_, index) => index % 5)
    expect(balancedIndices(all, 20, 5, 1)).toEqual(balancedIndices(all, 20, 5, 1))
    expect(balancedIndices(all, 20, 5, 1)).not.toEqual(balancedIndices(all, 20, 5, 2))
    const larger = new Set(balancedIndices(all, 33, 5, 1))
    expect(balancedIndices(all, 12, 5, 1).every((index) => larger.has(index))).toBe(true)
  })

  it('null takes all; more than there are is a usage error', () => {
    expect(balancedIndices([2, 1, 0], null, 3, 0)).toEqual(Int32Array.of(0, 1, 2))
    expect(() => balancedIndices([2, 1, 0], 4, 3, 0)).toThrow(
      new UsageError('The limit of 4 images is more than the 3 images there are.')
    )
  })
})

describe('withLabelNoise', () => {
  it('changes at most the share, towards valid classes, and leaves the input alone', () => {
    fc.assert(
      fc.property(labels, fc.double({ min: 0, max: 1, noNaN: true }), seed, (all, share, key) => {
        const before = [...all]
        const noisy = withLabelNoise(all, share, 5, key)
        expect(all).toEqual(before)
        const changed = all.filter((label, index) => label !== noisy[index]).length
        expect(changed).toBeLessThanOrEqual(Math.round(share * all.length))
        expect(noisy.every((label) => label >= 0 && label < 5)).toBe(true)
      }),
      { seed: 1 }
    )
  })

  it('makes about share * (1 - 1/classes) wrong', () => {
    const all = Array.from({ length: 20000 }, (_, index) => index % 10)
    const noisy = withLabelNoise(all, 0.4, 10, 3)
    const wrong = all.filter((label, index) => label !== noisy[index]).length / all.length
    expect(wrong).toBeCloseTo(0.36, 1)
    expect(withLabelNoise(all, 0, 10, 3)).toEqual(Int32Array.from(all))
  })
})

describe('splitValidation', () => {
  it('parts the indices, class by class', () => {
    fc.assert(
      fc.property(labels, fc.double({ min: 0, max: 0.9, noNaN: true }), seed, (all, share, key) => {
        const indices = Int32Array.from(all.keys()).filter((index) => index % 3 !== 0)
        const { train, validation } = splitValidation(indices, all, share, key)
        expect(Int32Array.from([...train, ...validation]).sort()).toEqual(indices)
        const totals = countsOf(Array.from(indices, (index) => all[index]!))
        const held = countsOf(Array.from(validation, (index) => all[index]!))
        totals.forEach((total, label) => {
          expect(held[label]).toBe(Math.max(0, Math.min(Math.round(share * total), total - 1)))
        })
      }),
      { seed: 1 }
    )
  })
})
