import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { filterScales, nextSigma, sigmaAtDrop, soughtDrops, unitNoise } from '../../src-shared/science/flatness.ts'
import { mean, variance } from '../../src-shared/science/statistics.ts'

describe('unitNoise', () => {
  it('is a function of seed, draw and tensor, and of nothing else', () => {
    const noise = unitNoise(1, 2, 'layer1.0.conv1.weight', 100)
    unitNoise(1, 2, 'layer2.0.conv1.weight', 7)
    expect(unitNoise(1, 2, 'layer1.0.conv1.weight', 100)).toEqual(noise)
    for (const other of [
      unitNoise(2, 2, 'layer1.0.conv1.weight', 100),
      unitNoise(1, 1, 'layer1.0.conv1.weight', 100),
      unitNoise(1, 2, 'layer1.0.conv2.weight', 100)
    ]) {
      expect(other).not.toEqual(noise)
    }
  })

  it('is standard normal, and independent of another tensor and draw', () => {
    const n = 40_000
    const noise = unitNoise(3, 0, 'a', n)
    expect(Math.abs(mean(noise))).toBeLessThan(0.02)
    expect(Math.abs(variance(noise) - 1)).toBeLessThan(0.03)
    for (const other of [unitNoise(3, 0, 'b', n), unitNoise(3, 1, 'a', n)]) {
      expect(Math.abs(mean(noise.map((value, i) => value * other[i]!)))).toBeLessThan(0.02)
    }
  })
})

describe('filterScales', () => {
  it('is the norm over the root of the size, in either order', () => {
    const first = Float32Array.of(3, 4, 0, 0, 1, 1)
    const last = Float32Array.of(3, 0, 1, 4, 0, 1)
    const expected = [5 / Math.sqrt(2), 0, 1]
    expect([...filterScales(first, 3, 2, 'filter-first')]).toEqual(expected.map(Math.fround))
    expect([...filterScales(last, 3, 2, 'filter-last')]).toEqual(expected.map(Math.fround))
    expect(() => filterScales(first, 4, 2, 'filter-last')).toThrow('6 weights for 4 filters of 2')
  })

  it('scales with each filter, so that relative noise does too', () => {
    const weights = unitNoise(0, 0, 'w', 60)
    const scales = filterScales(weights, 5, 12, 'filter-first')
    const scaled = weights.map((value, i) => value * (1 + Math.floor(i / 12)))
    filterScales(scaled, 5, 12, 'filter-first').forEach((value, f) => expect(value / scales[f]!).toBeCloseTo(f + 1, 5))
  })
})

describe('sigmaAtDrop', () => {
  it('interpolates between the first two points that enclose the drop', () => {
    expect(sigmaAtDrop([0, 1, 2], [0.9, 0.9, 0.7], 10)).toBeCloseTo(1.5, 9)
    expect(sigmaAtDrop([2, 0, 1], [0.7, 0.9, 0.9], 10)).toBeCloseTo(1.5, 9)
    expect(sigmaAtDrop([0, 1, 2, 3], [0.9, 0.7, 0.9, 0.1], 10)).toBeCloseTo(0.5, 9)
    expect(sigmaAtDrop([0, 1], [0.9, 0.8], 10)).toBeCloseTo(1, 9)
    expect(sigmaAtDrop([0, 1], [0.9, NaN], 45)).toBeCloseTo(0.5, 9)
  })

  it('is NaN where accuracy never falls so far', () => {
    expect(sigmaAtDrop([0, 1, 2], [0.9, 0.85, 0.81], 10)).toBeNaN()
    expect(sigmaAtDrop([0], [0.9], 1)).toBeNaN()
  })

  it('is exact for a line, at any drop and sampling', () => {
    const sigmas = fc.uniqueArray(fc.double({ min: 0.001, max: 1, noNaN: true }), { minLength: 1, maxLength: 9 })
    fc.assert(
      fc.property(sigmas, fc.double({ min: 0.1, max: 90, noNaN: true }), (others, drop) => {
        const all = [0, ...others, 1]
        const sigma = sigmaAtDrop(
          all,
          all.map((value) => 0.95 - 0.92 * value),
          drop
        )
        expect(sigma).toBeCloseTo(drop / 92, 6)
      })
    )
  })

  it('throws without sigma 0 and for a drop that is none', () => {
    expect(() => sigmaAtDrop([1, 2], [0.9, 0.8], 1)).toThrow('sigma 0')
    expect(() => sigmaAtDrop([], [], 1)).toThrow('sigma 0')
    expect(() => sigmaAtDrop([0], [0.9], 0)).toThrow('drop of 0')
    expect(() => sigmaAtDrop([0, 1], [0.9], 1)).toThrow('1 accuracies for 2')
  })
})

describe('nextSigma', () => {
  const run = (curve: (sigma: number) => number, drops: readonly number[] = soughtDrops) => {
    const measured: { sigma: number; accuracy: number }[] = []
    for (let sigma = nextSigma(measured, drops); sigma !== null; sigma = nextSigma(measured, drops)) {
      measured.push({ sigma, accuracy: curve(sigma) })
      if (measured.length > 100) throw new Error('It does not end.')
    }
    return measured
  }
  const brackets = (measured: { sigma: number; accuracy: number }[], drop: number) => {
    const sorted = measured.toSorted((a, b) => a.sigma - b.sigma)
    const i = sorted.findIndex(({ accuracy }) => accuracy <= sorted[0]!.accuracy - drop / 100 + 1e-9)
    return { low: sorted[i - 1]!.sigma, high: sorted[i]!.sigma }
  }

  it('starts at 0 and goes up to 8 for a network that nothing disturbs', () => {
    const measured = run(() => 0.9)
    expect(measured[0]!.sigma).toBe(0)
    expect(measured.at(-1)!.sigma).toBe(8)
    expect(measured.length).toBeLessThan(15)
  })

  it.each([0.002, 0.01, 0.05, 0.2, 1, 3])('brackets every drop within 10 % where accuracy falls over %f', (width) => {
    const measured = run((sigma) => 0.1 + 0.8 / (1 + (sigma / width) ** 2))
    for (const drop of soughtDrops) {
      const { low, high } = brackets(measured, drop)
      expect((high - low) / high).toBeLessThanOrEqual(0.1)
    }
    expect(measured.length).toBeLessThanOrEqual(24)
  })

  it('ends for any curve, with sigmas in 0..8, none twice', () => {
    const accuracies = fc.array(fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constant(NaN)), {
      minLength: 1
    })
    fc.assert(
      fc.property(accuracies, (values) => {
        let i = 0
        const measured = run(() => values[i++ % values.length]!)
        expect(measured.length).toBeLessThanOrEqual(24)
        const sigmas = measured.map(({ sigma }) => sigma)
        expect(new Set(sigmas).size).toBe(sigmas.length)
        for (const sigma of sigmas) expect(sigma >= 0 && sigma <= 8).toBe(true)
      })
    )
  })

  it('ends soon where the first trace of noise destroys everything, and asks nothing of a lost network', () => {
    expect(run((sigma) => (sigma === 0 ? 0.9 : 0.1)).length).toBeLessThan(12)
    expect(run(() => 0)).toHaveLength(1)
    expect(run(() => NaN)).toHaveLength(1)
    expect(run(() => 0.9, [])).toHaveLength(1)
  })
})
