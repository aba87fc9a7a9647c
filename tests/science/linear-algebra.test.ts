import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { principalComponents, symmetricEigen } from '../../src-shared/science/linear-algebra.ts'
import { matrixFromRows, type Matrix } from '../../src-shared/science/matrix.ts'
import { normals } from '../../src-shared/science/random.ts'
import { clusters, moved, reference } from './fixtures.ts'

const symmetric = (n: number, seed: number): Float64Array => {
  const x = normals(n * n, 'symmetric', seed)
  return Float64Array.from({ length: n * n }, (_, at) => x[at]! + x[(at % n) * n + Math.floor(at / n)]!)
}

describe('symmetricEigen', () => {
  it("gives NumPy's eigenvalues", () => {
    const rows = reference.features.slice(0, 5)
    const a = Float64Array.from(rows.flatMap((row, i) => row.map((value, j) => value + rows[j]![i]!)))
    symmetricEigen(a, 5).values.forEach((value, i) => expect(value).toBeCloseTo(reference.eigenvalues[i]!, 12))
  })

  it('gives A back as V diag(values) V^T, with V orthogonal and values ascending', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 12 }), fc.nat(1000), (n, seed) => {
        const a = symmetric(n, seed)
        const { values, vectors } = symmetricEigen(a, n)
        expect(values).toEqual(values.toSorted())
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) {
            let rebuilt = 0
            let inner = 0
            for (let k = 0; k < n; k++) {
              rebuilt += vectors[i * n + k]! * values[k]! * vectors[j * n + k]!
              inner += vectors[k * n + i]! * vectors[k * n + j]!
            }
            expect(rebuilt).toBeCloseTo(a[i * n + j]!, 11)
            expect(inner).toBeCloseTo(i === j ? 1 : 0, 12)
          }
        }
      })
    )
  })

  it('knows singular, repeated and graded spectra', () => {
    const ones = symmetricEigen(new Float64Array(9).fill(1), 3)
    expect(ones.values[2]).toBeCloseTo(3, 14)
    expect(Math.abs(ones.values[0]!)).toBeLessThan(1e-15)
    expect(ones.vectors[2]).toBeCloseTo(1 / Math.sqrt(3), 14)
    expect(symmetricEigen(new Float64Array(4), 2).values).toEqual(new Float64Array(2))
    const [small, large] = symmetricEigen(Float64Array.of(1, 1e-8, 1e-8, 1e-12), 2).values
    expect(large).toBeCloseTo(1, 14)
    expect(small! / (1e-12 - 1e-16)).toBeCloseTo(1, 3)
  })

  it('names what it cannot take', () => {
    expect(() => symmetricEigen(new Float64Array(3), 2)).toThrow('3 entries for a 2 x 2')
    expect(() => symmetricEigen(Float64Array.of(NaN), 1)).toThrow('not finite')
  })
})

describe('principalComponents', () => {
  it("gives scikit-learn's components and variance", () => {
    const { components, explainedVariance } = principalComponents(matrixFromRows(reference.features), 2, 0)
    expect(explainedVariance).toBeCloseTo(reference.pca.explainedVariance, 12)
    reference.pca.components.forEach((row, k) => {
      const sign = Math.sign(row[0]! * components.data[k * 5]!)
      row.forEach((value, j) => expect(components.data[k * 5 + j]).toBeCloseTo(sign * value, 10))
    })
  })

  const line = (rows: number, columns: number): Matrix => {
    const t = normals(rows, 'line', rows, columns)
    const data = Float64Array.from(
      { length: rows * columns },
      (_, at) => 5 - t[Math.floor(at / columns)]! * (1 + (at % columns))
    )
    return { data, rows, columns }
  }

  it.each([
    [300, 4],
    [20, 300],
    [200, 150]
  ])('finds one direction in %i points on a line in %i dimensions', (rows, columns) => {
    const { points, explainedVariance, components } = principalComponents(line(rows, columns), 2, 1)
    expect(explainedVariance).toBeCloseTo(1, 10)
    const length = Math.hypot(...Array.from({ length: columns }, (_, k) => k + 1))
    for (let k = 0; k < columns; k++) expect(components.data[k]).toBeCloseTo((k + 1) / length, 8)
    for (let i = 0; i < rows; i++) expect(Math.abs(points.data[2 * i + 1]!)).toBeLessThan(1e-6 * length)
  })

  it('agrees between the whole decomposition and the iteration', () => {
    const { features } = clusters(140, 130, 5, 1, 2)
    const all = principalComponents(features, 4, 0)
    expect(all.components.data.length).toBe(4 * 130)
    const padded = { ...features, rows: 120, data: features.data.slice(0, 120 * 130) }
    const gram = principalComponents(padded, 4, 0)
    const doubled = { rows: 240, columns: 130, data: Float64Array.of(...padded.data, ...padded.data) }
    const iterated = principalComponents(doubled, 4, 7)
    gram.components.data.forEach((value, i) => expect(iterated.components.data[i]).toBeCloseTo(value, 5))
    expect(iterated.explainedVariance).toBeCloseTo(gram.explainedVariance, 10)
  })

  it('gives the same map in any place, is deterministic, and does not depend on the seed', () => {
    const { features } = clusters(200, 140, 4, 2, 6)
    const a = principalComponents(features, 3, 1)
    expect(principalComponents(features, 3, 1)).toEqual(a)
    const b = principalComponents(moved(features, 1, 0, 100), 3, 2)
    a.points.data.forEach((value, i) => expect(b.points.data[i]).toBeCloseTo(value, 4))
  })

  it('gives zeros beyond the rank and NaN without variance', () => {
    const two = principalComponents(
      matrixFromRows([
        [0, 0, 0],
        [2, 0, 0]
      ]),
      3,
      0
    )
    expect([...two.points.data].map((value) => Math.round(value * 1e9) / 1e9 + 0)).toEqual([-1, 0, 0, 1, 0, 0])
    const flat: Matrix = { data: new Float32Array(140 * 135).fill(3), rows: 140, columns: 135 }
    for (const features of [
      flat,
      matrixFromRows([
        [1, 1],
        [1, 1]
      ])
    ]) {
      const { explainedVariance, points } = principalComponents(features, 2, 0)
      expect(explainedVariance).toBeNaN()
      expect(points.data.every((value) => value === 0)).toBe(true)
    }
    expect(() => principalComponents(flat, 136, 0)).toThrow('136 components of 135')
  })
})
