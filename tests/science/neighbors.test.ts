import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { knnAccuracy, silhouette } from '../../src-shared/science/class-scatter.ts'
import { matrixFromRows } from '../../src-shared/science/matrix.ts'
import { nearestNeighbors, pairwiseSquaredDistances } from '../../src-shared/science/neighbors.ts'
import { trustworthiness } from '../../src-shared/science/trustworthiness.ts'
import { clusters, moved, reference } from './fixtures.ts'

const points = matrixFromRows(reference.features)
const map = matrixFromRows(reference.map)
const integers = fc.array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 })), {
  minLength: 3,
  maxLength: 13
})

describe('distances and neighbours', () => {
  it('are those of the definition, ties by index, for whole numbers in any place', () => {
    fc.assert(
      fc.property(integers, fc.integer({ min: -1000, max: 1000 }), fc.nat(), (rows, shift, some) => {
        const features = matrixFromRows(rows.map(([x, y]) => [x + shift, y]))
        const n = rows.length
        const squared = pairwiseSquaredDistances(features)
        const k = 1 + (some % (n - 1))
        const { indices, distances } = nearestNeighbors(features, k)
        rows.forEach(([x, y], i) => {
          const exact = rows.map(([u, v]) => (x - u) ** 2 + (y - v) ** 2)
          expect([...squared.subarray(i * n, (i + 1) * n)]).toEqual(exact)
          const order = [...exact.keys()].filter((j) => j !== i).sort((a, b) => exact[a]! - exact[b]! || a - b)
          expect([...indices.subarray(i * k, (i + 1) * k)]).toEqual(order.slice(0, k))
          expect(distances[i * k]).toBe(Math.fround(Math.sqrt(exact[order[0]!]!)))
        })
      })
    )
  })

  it('names a wrong k', () => {
    for (const k of [0, 36, 1.5]) expect(() => nearestNeighbors(points, k)).toThrow(`${k} neighbours among 36`)
  })
})

describe('knnAccuracy', () => {
  it("is scikit-learn's for one neighbour", () => {
    expect(knnAccuracy(points, reference.labels, 1)).toBeCloseTo(reference.knnAccuracy['1']!, 12)
  })

  it('gives a tie to the nearest, and lowers k to what there is', () => {
    const line = matrixFromRows([[0], [1], [2.4], [4.5]])
    expect(knnAccuracy(line, [0, 0, 1, 1], 2)).toBe(0.75)
    expect(knnAccuracy(line, [0, 0, 0, 0], 10)).toBe(1)
    expect(knnAccuracy(matrixFromRows([[0]]), [0])).toBeNaN()
  })

  it('is 1 for far clusters and about chance without any', () => {
    const far = clusters(60, 3, 3, 100, 1)
    expect(knnAccuracy(far.features, far.labels)).toBe(1)
    const none = clusters(600, 3, 3, 0, 1)
    expect(Math.abs(knnAccuracy(none.features, none.labels) - 1 / 3)).toBeLessThan(0.08)
  })
})

describe('silhouette', () => {
  it("is scikit-learn's", () => {
    expect(silhouette(points, reference.labels)).toBeCloseTo(reference.silhouette, 12)
  })

  it('is 0 for classes of one, NaN for one class, and the same in any place and size', () => {
    expect(silhouette(matrixFromRows([[0], [1]]), [0, 1])).toBe(0)
    expect(silhouette(matrixFromRows([[0], [1]]), [0, 0])).toBeNaN()
    expect(silhouette(matrixFromRows([[1], [1], [1], [1]]), [0, 0, 1, 1])).toBe(0)
    expect(silhouette(moved(points, 3, 1, 50), reference.labels)).toBeCloseTo(reference.silhouette, 9)
  })

  it('takes a seeded draw above its limit', () => {
    const { features, labels } = clusters(900, 3, 3, 2, 1)
    const all = silhouette(features, labels)
    const some = silhouette(features, labels, 300, 1)
    expect(Math.abs(some - all)).toBeLessThan(0.05)
    expect(silhouette(features, labels, 300, 1)).toBe(some)
    expect(silhouette(features, labels, 300, 2)).not.toBe(some)
  })
})

describe('trustworthiness', () => {
  it("is scikit-learn's", () => {
    for (const [k, value] of Object.entries(reference.trustworthiness)) {
      expect(trustworthiness(points, map, Number(k))).toBeCloseTo(value, 12)
    }
  })

  it('is 1 for the same points, moved and scaled or not', () => {
    expect(trustworthiness(points, points)).toBe(1)
    expect(trustworthiness(points, moved(points, 0.1, 2, 7), 5)).toBe(1)
    const doubled = matrixFromRows([...reference.features, ...reference.features])
    expect(trustworthiness(doubled, doubled, 5)).toBe(1)
  })

  it('is the value by hand: 4 points on a line, its ends swapped on the map', () => {
    const line = matrixFromRows([[0], [1], [2.1], [3.3]])
    const swapped = matrixFromRows([[3.3], [1], [2.1], [0]])
    // Nearest on the map 2, 3, 1, 1, which are of rank 2, 3, 1, 2 on the line: the excess over k = 1 sums to 4.
    expect(trustworthiness(line, swapped, 1)).toBeCloseTo(1 - (2 / (4 * (8 - 3 - 1))) * 4, 12)
  })

  it('lowers k for few points', () => {
    const three = matrixFromRows([[0], [1], [3]])
    expect(trustworthiness(three, three)).toBe(1)
    expect(trustworthiness(matrixFromRows([[0], [1]]), matrixFromRows([[0], [1]]))).toBeNaN()
    expect(() => trustworthiness(three, map)).toThrow('36 points for 3')
  })
})
