import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bootstrapRatio, classScatter, transformFeatures } from '../../src-shared/science/class-scatter.ts'
import { matrixFromRows } from '../../src-shared/science/matrix.ts'
import { quantile } from '../../src-shared/science/statistics.ts'
import { createRandom } from '../../src-shared/science/random.ts'
import { clusters, moved, readGolden } from './fixtures.ts'

const seeds = fc.integer({ min: 0, max: 1e6 })

describe('classScatter', () => {
  it.each(['bottleneck-resnet18-w8', 'bottleneck-resnet50-w4-dataparallel'])('agrees with PyTorch on %s', (name) => {
    const golden = readGolden(name)
    golden.eval.features.forEach((features, i) => {
      const scatter = classScatter(matrixFromRows(features), golden.labels)
      const expected = golden.eval.discriminativeness[i]!
      for (const key of ['sse', 'ssb', 'ratio'] as const)
        expect(Math.abs(scatter[key] / expected[key] - 1)).toBeLessThan(1e-4)
    })
  })

  it('is the sum by hand of four points', () => {
    const scatter = classScatter(
      matrixFromRows([
        [0, 0],
        [2, 0],
        [10, 1],
        [10, 3]
      ]),
      [7, 7, 2, 2]
    )
    expect(scatter).toMatchObject({ sse: 4, ssb: 85, sst: 89, ratio: 4 / 85, unbiasedSsb: 83, classes: 2, count: 4 })
    expect(scatter.perClass).toEqual([
      { class: 2, count: 2, sse: 2, ssb: 42.5 },
      { class: 7, count: 2, sse: 2, ssb: 42.5 }
    ])
  })

  it('splits the total, and per class sums up', () => {
    fc.assert(
      fc.property(
        seeds,
        fc.integer({ min: 1, max: 5 }),
        fc.double({ min: 0, max: 10, noNaN: true }),
        (seed, c, far) => {
          const { features, labels } = clusters(25, 4, c, far, seed)
          const { sse, ssb, sst, perClass, count } = classScatter(features, labels)
          expect((sse + ssb) / sst).toBeCloseTo(1, 10)
          expect(perClass.reduce((sum, one) => sum + one.sse + one.ssb, 0) / sst).toBeCloseTo(1, 10)
          expect(perClass.reduce((sum, one) => sum + one.count, 0)).toBe(count)
        }
      )
    )
  })

  it('has a ratio that neither shift, rotation, scale nor order of the samples changes', () => {
    const real = (min: number, max: number) => fc.double({ min, max, noNaN: true })
    fc.assert(
      fc.property(seeds, real(0.01, 100), real(-4, 4), real(-100, 100), (seed, scale, angle, shift) => {
        const { features, labels } = clusters(24, 3, 4, 2, seed)
        const { ratio } = classScatter(features, labels)
        expect(classScatter(moved(features, scale, angle, shift), labels).ratio / ratio).toBeCloseTo(1, 6)
        const order = createRandom(seed).shuffle(Array.from({ length: 24 }, (_, i) => i))
        const rows = order.map((i) => [...features.data.subarray(i * 3, i * 3 + 3)])
        const shuffled = classScatter(
          matrixFromRows(rows),
          order.map((i) => labels[i]!)
        )
        expect(shuffled.ratio / ratio).toBeCloseTo(1, 10)
      })
    )
  })

  it('has an unbiased ssb of mean zero where the classes do not differ', () => {
    let plain = 0
    let unbiased = 0
    for (let seed = 0; seed < 200; seed++) {
      const { features, labels } = clusters(40, 3, 4, 0, seed)
      const scatter = classScatter(features, labels)
      plain += scatter.ssb / 200
      unbiased += scatter.unbiasedSsb / 200
    }
    expect(plain).toBeGreaterThan(8)
    expect(Math.abs(unbiased)).toBeLessThan(0.8)
  })

  it('gives NaN or Infinity where nothing is defined, and names missing labels', () => {
    const one = matrixFromRows([
      [1, 2],
      [3, 4]
    ])
    expect(classScatter(one, [0, 0]).ratio).toBe(Infinity)
    expect(classScatter(one, [0, 1]).unbiasedSsb).toBeNaN()
    expect(() => classScatter(one, [0])).toThrow('1 labels for 2')
  })
})

describe('transformFeatures', () => {
  const features = matrixFromRows([
    [0, 3, 0.1],
    [0, 3, 0.2],
    [0, 3, 0.6]
  ])

  it('standardises to mean 0 and variance 1 and drops dead columns', () => {
    const { features: out, deadDimensions } = transformFeatures(features, 'standardized')
    expect([deadDimensions, out.columns]).toEqual([2, 1])
    const values = [...out.data]
    expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 12)
    expect(values.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(3, 12)
  })

  it('normalises rows and leaves rows of zeros', () => {
    const { features: out, deadDimensions } = transformFeatures(
      matrixFromRows([
        [3, 4],
        [0, 0]
      ]),
      'normalized'
    )
    expect([...out.data, deadDimensions]).toEqual([0.6, 0.8, 0, 0, 0])
  })

  it('leaves raw features alone', () => {
    expect(transformFeatures(features, 'raw')).toEqual({ features, deadDimensions: 0 })
  })
})

describe('bootstrapRatio', () => {
  it('spreads about the ratio as resampled rows do about their median', () => {
    const { features, labels } = clusters(30, 4, 3, 1, 5)
    const random = createRandom('bootstrap-ratio', 9)
    const ratios = Array.from({ length: 5 }, () => {
      const rows: number[][] = []
      const drawn: number[] = []
      for (let c = 0; c < 3; c++) {
        const members = [...labels.keys()].filter((i) => labels[i] === c)
        members.forEach(() => {
          const i = members[random.integer(members.length)]!
          rows.push([...features.data.subarray(i * 4, i * 4 + 4)])
          drawn.push(c)
        })
      }
      return classScatter(matrixFromRows(rows), drawn).ratio
    })
    const { low, high } = bootstrapRatio(features, labels, 5, 9)
    const { ratio } = classScatter(features, labels)
    expect(low).toBeCloseTo((ratio * quantile(ratios, 0.1)) / quantile(ratios, 0.5), 10)
    expect(high).toBeCloseTo((ratio * quantile(ratios, 0.9)) / quantile(ratios, 0.5), 10)
  })

  it('encloses the ratio with few images a class, where resamples alone lie below it', () => {
    const { features, labels } = clusters(30, 20, 3, 1, 1)
    const { ratio } = classScatter(features, labels)
    const { low, high } = bootstrapRatio(features, labels, 200, 1)
    expect(low).toBeLessThan(ratio)
    expect(high).toBeGreaterThan(ratio)
  })

  it('encloses the ratio where classes are large, is seeded, and holds its width in any place', () => {
    const { features, labels } = clusters(600, 4, 3, 1, 3)
    const { ratio } = classScatter(features, labels)
    const interval = bootstrapRatio(features, labels, 200, 1)
    expect(interval.low).toBeLessThan(ratio)
    expect(interval.high).toBeGreaterThan(ratio)
    expect(bootstrapRatio(features, labels, 200, 1)).toEqual(interval)
    expect(bootstrapRatio(features, labels, 200, 2)).not.toEqual(interval)
    expect(bootstrapRatio(moved(features, 1, 0, 1e6), labels, 200, 1).low / interval.low).toBeCloseTo(1, 6)
    expect(bootstrapRatio(features, labels, 0, 1)).toEqual({ low: NaN, high: NaN })
  })
})
