import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { judgeFlatness, type ShakenNetwork } from '../../src-shared/science/flatness-verdict.ts'

type Sigmas = { a?: number; b?: number; c?: number }

/** A network whose accuracy at its deepest exit has fallen by `drop` at these sigmas; its other exit says the opposite. */
const network = (sigmas: Sigmas, seed = 0, drop = 10, exit = 4): ShakenNetwork => ({
  seed,
  drops: (['a', 'b', 'c'] as const).flatMap((protocol) => {
    const sigma = sigmas[protocol]
    if (sigma === undefined) return []
    const row = { split: 'test' as const, protocol, drop }
    return [
      { ...row, exit: 1, sigma: 100 - sigma },
      { ...row, exit, sigma }
    ]
  })
})
const seeds = (...all: Sigmas[]) => all.map((sigmas, seed) => network(sigmas, seed))
const judge = (first: ShakenNetwork[], second: ShakenNetwork[]) => judgeFlatness([first, second], 'test')

describe('judgeFlatness', () => {
  const weak = seeds({ a: 1, b: 1, c: 1 }, { a: 1.2, b: 1.2, c: 1.2 }, { a: 1.4, b: 1.4, c: 1.4 })
  /** The three seeds of `weak`, each with this much more. */
  const shifted = ({ a = 0, b = 0, c }: Sigmas) =>
    seeds(
      ...[1, 1.2, 1.4].map((base, i) => ({
        a: base + a * (1 + i / 10),
        b: base + b * (1 + i / 10),
        ...(c !== undefined && { c: base + c * (1 + i / 10) })
      }))
    )

  test('is flatter where A and B agree clearly and C agrees, says nothing clear, or was not measured', () => {
    for (const better of [shifted({ a: 1, b: 2, c: 1 }), shifted({ a: 1, b: 2, c: 0 }), shifted({ a: 1, b: 2 })]) {
      expect(judge(weak, better)).toMatchObject({ kind: 'flatter', flatter: 1, isTested: true })
      expect(judge(better, weak)).toMatchObject({ kind: 'flatter', flatter: 0 })
    }
    const { a } = judge(weak, shifted({ a: 1, b: 2 })).views
    expect(a).toMatchObject({ drop: 10, flatter: 1, isClear: true, commonSeeds: 3 })
    expect(a?.sigmas[0]).toBeCloseTo(1.2, 12)
    expect(a?.sigmas[1]).toBeCloseTo(2.3, 12)
  })

  test('is contradicted where only C clearly says the opposite', () => {
    expect(judge(weak, shifted({ a: 1, b: 1, c: -0.5 }))).toMatchObject({ kind: 'contradicted', flatter: 1 })
  })

  test('disagrees where A and B clearly say the opposite of each other, whatever C says', () => {
    for (const c of [-0.5, 0, 1])
      expect(judge(weak, shifted({ a: 1, b: -0.5, c }))).toMatchObject({ kind: 'disagree', flatter: 1, isTested: true })
  })

  test('is unclear where the interval of A or of B holds zero, be the means as they may', () => {
    const scattered = seeds({ a: 2, b: 9 }, { a: 3, b: 1 }, { a: 4, b: 1 })
    expect(judge(weak, scattered)).toMatchObject({ kind: 'unclear', flatter: null, isTested: true })
    expect(judge(weak, scattered).views.b).toMatchObject({ flatter: 1, isClear: false })
    expect(judge(weak, weak)).toMatchObject({ kind: 'unclear' })
  })

  test('pairs by seed: what differs between seeds as much as it may, the difference within them counts', () => {
    const wide = seeds({ a: 1, b: 1 }, { a: 5, b: 5 }, { a: 9, b: 9 })
    const better = seeds({ a: 1.3, b: 1.2 }, { a: 5.3, b: 5.21 }, { a: 9.31, b: 9.2 })
    expect(judge(wide, better)).toMatchObject({ kind: 'flatter', flatter: 1 })
    expect(judge(wide, [...better].reverse())).toMatchObject({ kind: 'flatter', flatter: 1 })
    const others = better.map((one) => ({ ...one, seed: one.seed + 10 }))
    expect(judge(wide, others)).toMatchObject({ kind: 'untested', flatter: 1, isTested: false })
  })

  test('cannot be tested with one common seed, but A and B can still disagree', () => {
    expect(judge(weak, seeds({ a: 2, b: 2, c: 2 }))).toMatchObject({ kind: 'untested', flatter: 1, isTested: false })
    expect(judge(seeds({ a: 1, b: 2 }), seeds({ a: 2, b: 1 }))).toMatchObject({ kind: 'disagree', flatter: 1 })
    expect(judge(seeds({ a: 1, b: 2 }), seeds({ a: 2, b: 2 }))).toMatchObject({ kind: 'unclear' })
  })

  test('is unknown without A or B, on another split, and without networks', () => {
    expect(judge(weak, seeds({ a: 1, c: 1 }, { a: 2, c: 2 }))).toMatchObject({ kind: 'unknown', flatter: null })
    expect(judgeFlatness([weak, weak], 'train').kind).toBe('unknown')
    expect(judgeFlatness([weak, []], 'test').kind).toBe('unknown')
  })

  test('compares at 10 points, else at 5, else at 1: the first that every seed reaches', () => {
    const at = (drop: number, sigma: number): ShakenNetwork => network({ a: sigma, b: sigma }, 0, drop)
    const both = (...networks: ShakenNetwork[]) => ({ seed: 0, drops: networks.flatMap(({ drops }) => drops) })
    const whole = both(at(10, 3), at(5, 2), at(1, 1))
    const short = both(at(10, NaN), at(5, 4), at(1, 0.5))
    expect(judge([whole], [whole]).views.a?.drop).toBe(10)
    expect(judge([whole, whole], [whole, short]).views.a).toMatchObject({ drop: 5, sigmas: [2, 3] })
    expect(judge([at(1, 1)], [short]).views.a).toMatchObject({ drop: 1, flatter: 0 })
    expect(judge([at(50, 1)], [at(50, 2)]).kind).toBe('unknown')
  })

  test("compares each network's own deepest exit", () => {
    const shallow = [1, 1.2, 1.4].map((base, seed) => network({ a: base + 5, b: base + 6 }, seed, 10, 2))
    shallow[2] = network({ a: 6.5, b: 7.5 }, 2, 10, 2)
    expect(judge(weak, shallow)).toMatchObject({ kind: 'flatter', flatter: 1 })
  })

  test('says the same of a pair turned around, and in another unit of sigma', () => {
    // Whole numbers: their sums are exact.
    const sigma = fc.integer({ min: 1, max: 12 })
    const someSeeds = fc.array(fc.record({ a: sigma, b: sigma, c: sigma }), { minLength: 1, maxLength: 4 })
    const inUnit = (unit: number, all: { a: number; b: number; c: number }[]) =>
      seeds(...all.map(({ a, b, c }) => ({ a: unit * a, b: unit * b, c: unit * c })))
    fc.assert(
      fc.property(someSeeds, someSeeds, (first, second) => {
        const plain = judge(inUnit(1, first), inUnit(1, second))
        const turned = judge(inUnit(1, second), inUnit(1, first))
        expect(turned.kind).toBe(plain.kind)
        expect(turned.flatter).toBe(plain.flatter === null ? null : 1 - plain.flatter)
        expect(judge(inUnit(4, first), inUnit(4, second)).kind).toBe(plain.kind)
      })
    )
  })
})
