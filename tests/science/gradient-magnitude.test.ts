import fc from 'fast-check'
import { expect, it } from 'vitest'
import { meanAbs, norm, relativeTo, signedShares } from '../../src-shared/science/gradient-magnitude.ts'

const gradient = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 5, maxLength: 5 })

it('gives mean magnitude and norm', () => {
  expect(meanAbs([-3, 1])).toBe(2)
  expect(meanAbs([])).toBeNaN()
  expect(norm([3, -4])).toBe(5)
  expect(norm([])).toBe(0)
  expect(relativeTo([1, 4], 2)).toEqual([0.5, 2])
})

it('has shares that sum to 1, in any order of terms', () => {
  fc.assert(
    fc.property(fc.array(gradient, { minLength: 1, maxLength: 4 }), (rows) => {
      const terms = rows.map((row) => Float32Array.from(row))
      const total = Float32Array.from({ length: 5 }, (_, i) => terms.reduce((sum, term) => sum + term[i]!, 0))
      fc.pre(norm(total) > 0.1)
      const shares = signedShares(terms, total)
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 3)
      const turned = signedShares(terms.toReversed(), total)
      expect(turned).toEqual(shares.toReversed())
    })
  )
})

it('signs a term that works against the total', () => {
  const [along, against] = [Float32Array.of(3, 0), Float32Array.of(-1, 0)]
  expect(signedShares([along, against], Float32Array.of(2, 0))).toEqual([1.5, -0.5])
  expect(signedShares([along], Float32Array.of(0, 0))).toEqual([NaN])
  expect(() => signedShares([along], Float32Array.of(1))).toThrow('2 and 1')
})
