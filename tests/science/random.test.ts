import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom, normals } from '../../src-shared/science/random.ts'
import { mean, variance } from '../../src-shared/science/statistics.ts'

const first = (...keys: (number | string)[]): string => {
  const random = createRandom(...keys)
  return Array.from({ length: 4 }, () => random.uniform()).join()
}
const key = fc.oneof(fc.integer(), fc.double({ noNaN: true }), fc.string())

describe('createRandom', () => {
  it('gives the same stream for the same keys and another for others', () => {
    const tuples = [
      [],
      [0],
      [1],
      ['1'],
      [1, 'a'],
      ['1', 'a'],
      ['1a'],
      ['a', 1],
      ['', ''],
      [''],
      [0, 0],
      ['a', 'b'],
      ['ab']
    ]
    expect(new Set(tuples.map((keys) => first(...keys))).size).toBe(tuples.length)
    fc.assert(
      fc.property(fc.array(key, { maxLength: 4 }), fc.array(key, { maxLength: 4 }), (a, b) => {
        const same = a.length === b.length && a.every((value, i) => value === b[i])
        expect(first(...a) === first(...b)).toBe(same)
      })
    )
  })

  it('keeps to values written down once', () => {
    const random = createRandom(1, 'golden')
    expect([random.uniform(), random.integer(1000), random.normal(), random.normal()]).toMatchInlineSnapshot(`
      [
        0.16844783048145473,
        318,
        0.8423013599733881,
        -0.3077733243385714,
      ]
    `)
  })

  it('spreads uniform numbers evenly and streams independently', () => {
    const n = 50_000
    const [a, b] = [createRandom(7), createRandom(8)]
    const x = Float64Array.from({ length: n }, () => a.uniform())
    const y = Float64Array.from({ length: n }, () => b.uniform())
    expect(mean(x)).toBeCloseTo(0.5, 2)
    expect(variance(x)).toBeCloseTo(1 / 12, 2)
    const product = x.map((value, i) => (value - 0.5) * (y[i]! - 0.5) * 12)
    expect(Math.abs(mean(product))).toBeLessThan(0.02)
    const bins = new Float64Array(64)
    for (const value of x) bins[Math.floor(value * 64)]! += 1
    const chiSquared = bins.reduce((sum, count) => sum + (count - n / 64) ** 2 / (n / 64), 0)
    expect(chiSquared).toBeGreaterThan(30)
    expect(chiSquared).toBeLessThan(110)
  })

  it('keeps neighbouring seeds apart', () => {
    const firsts = Float64Array.from({ length: 20_000 }, (_, seed) => createRandom(seed).uniform())
    expect(mean(firsts)).toBeCloseTo(0.5, 1)
    expect(variance(firsts)).toBeCloseTo(1 / 12, 2)
    expect(Math.abs(mean(firsts.map((value, i) => (value - 0.5) * ((firsts[i + 1] ?? 0.5) - 0.5) * 12)))).toBeLessThan(
      0.03
    )
  })

  it('draws integers below n and throws for a wrong n', () => {
    const random = createRandom('integers')
    const counts = new Float64Array(7)
    for (let i = 0; i < 14_000; i++) counts[random.integer(7)]! += 1
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200)
    expect(random.integer(1)).toBe(0)
    expect(random.integer(2 ** 32)).toBeLessThan(2 ** 32)
    for (const n of [0, -1, 1.5, NaN, 2 ** 32 + 1]) expect(() => random.integer(n)).toThrow(String(n))
  })

  it('shuffles to permutations, each as often', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer(), (items, seed) => {
        const shuffled = createRandom(seed).shuffle([...items])
        expect(shuffled.sort((a, b) => a - b)).toEqual(items.toSorted((a, b) => a - b))
      })
    )
    const random = createRandom('shuffle')
    const seen = new Map<string, number>()
    for (let i = 0; i < 6000; i++) {
      const order = random.shuffle(Int32Array.of(0, 1, 2)).join()
      seen.set(order, (seen.get(order) ?? 0) + 1)
    }
    expect(seen.size).toBe(6)
    for (const count of seen.values()) expect(Math.abs(count - 1000)).toBeLessThan(150)
  })
})

describe('normals', () => {
  it('has the moments of the standard normal distribution', () => {
    const x = normals(200_000, 'moments')
    expect(Math.abs(mean(x))).toBeLessThan(0.01)
    expect(Math.abs(variance(x) - 1)).toBeLessThan(0.02)
    expect(Math.abs(mean(x.map((value) => value ** 3)))).toBeLessThan(0.03)
    expect(Math.abs(mean(x.map((value) => value ** 4)) - 3)).toBeLessThan(0.1)
    expect(x.filter((value) => Math.abs(value) > 1.959964).length / x.length).toBeCloseTo(0.05, 2)
  })

  it('gives a prefix of a longer stream', () => {
    expect(normals(5, 1, 'a')).toEqual(normals(9, 1, 'a').slice(0, 5))
    expect(normals(0, 1).length).toBe(0)
  })
})
