import { describe, expect, test } from 'vitest'
import { createCoefficient } from '../../../src-main/engine/probes/umap/coefficient.ts'
import { fitCurve } from '../../../src-main/engine/probes/umap/curve.ts'
import { neighborGraph } from '../../../src-main/engine/probes/umap/graph.ts'
import { mapByUmap, type UmapTask } from '../../../src-main/engine/probes/umap/umap.ts'
import type { Matrix } from '../../../src-shared/science/matrix.ts'
import { nearestNeighbors } from '../../../src-shared/science/neighbors.ts'
import { createRandom } from '../../../src-shared/science/random.ts'
import { trustworthiness } from '../../../src-shared/science/trustworthiness.ts'
import { clusters } from '../../science/fixtures.ts'
import { finish, umapJs } from './umap-js.ts'

const k = 15

const { features } = clusters(300, 6, 4, 2, 1)
const twice: Matrix = { ...features, data: features.data.map((_, at) => features.data[at % (150 * 6)]!) }

describe('UMAP', () => {
  test.each([
    ['points', features],
    ['points that are there twice', twice]
  ])("has umap-js's graph of %s", (_, points) => {
    const near = nearestNeighbors(points, k - 1)
    const { inside } = umapJs(points, near, 2, 10, createRandom(1).uniform)
    const expected = inside.graph.getAll().filter(({ value }) => value > 0)
    const graph = neighborGraph(near, points.rows)
    expect([...graph.from]).toEqual(expected.map(({ row }) => row))
    expect([...graph.to]).toEqual(expected.map(({ col }) => col))
    graph.weights.forEach((weight, at) => expect(weight).toBeCloseTo(expected[at]!.value, 12))
  })

  test("makes maps that can be trusted as much as umap-js's", () => {
    const [ours, others] = [1, 2, 3].reduce(
      ([one, other], seed) => {
        const near = nearestNeighbors(features, k - 1)
        const task = { neighbors: near, points: 300, dims: 2, minDist: 0.1, seed }
        const { umap, inside } = umapJs(features, near, 2, 500, createRandom(seed, 'umap').uniform)
        for (let epoch = 0; epoch < 500; epoch++) umap.step()
        const data = Float64Array.from(umap.getEmbedding().flat())
        expect(inside.optimizationState.a).toBeGreaterThan(1)
        return [
          one! + trustworthiness(features, { data: finish(mapByUmap(task)), rows: 300, columns: 2 }) / 3,
          other! + trustworthiness(features, { data, rows: 300, columns: 2 }) / 3
        ]
      },
      [0, 0]
    ) as [number, number]
    expect(ours).toBeGreaterThan(others - 0.01)
  })

  test('is the same for the same seed, another for another, and tells its progress', () => {
    const task: UmapTask = {
      neighbors: nearestNeighbors(features, 5),
      points: 300,
      dims: 2,
      minDist: 0.1,
      seed: 1
    }
    const fractions: number[] = []
    const steps = mapByUmap(task)
    for (let step = steps.next(); !step.done; step = steps.next()) fractions.push(step.value)
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b))
    expect(fractions.at(-1)).toBe(1)
    expect(finish(mapByUmap(task))).toEqual(finish(mapByUmap(task)))
    expect(finish(mapByUmap({ ...task, seed: 2 }))).not.toEqual(finish(mapByUmap(task)))
  })

  test.each([
    ['copies of one point', { data: new Float64Array(80), rows: 40, columns: 2 }, 5],
    ['one neighbour each', clusters(40, 3, 2, 1, 1).features, 1]
  ])('places %s', (_, points, others) => {
    const neighbors = nearestNeighbors(points, others)
    const map = finish(mapByUmap({ neighbors, points: 40, dims: 2, minDist: 0.1, seed: 1 }))
    expect(map.every(Number.isFinite)).toBe(true)
  })
})

describe("the map's curve", () => {
  test("is umap-learn's", () => {
    const { a, b } = fitCurve(0.1)
    expect(a).toBeCloseTo(1.5769434603113077, 6)
    expect(b).toBeCloseTo(0.8950608779109733, 6)
  })

  test.each([0, 0.01, 0.5, 0.99, 1])('is the nearest at a smallest distance of %d', (minDist) => {
    const errorOf = (a: number, b: number) =>
      Array.from({ length: 300 }, (_, i) => (3 * i) / 299).reduce((sum, x) => {
        const wanted = x < minDist ? 1 : Math.exp(minDist - x)
        return sum + (1 / (1 + a * x ** (2 * b)) - wanted) ** 2
      }, 0)
    const { a, b } = fitCurve(minDist)
    const least = errorOf(a, b)
    for (const [da, db] of [
      [1e-3, 0],
      [-1e-3, 0],
      [0, 1e-3],
      [0, -1e-3]
    ] as const)
      expect(errorOf(a + da, b + db)).toBeGreaterThan(least)
  })

  test('is read from a table that is right to 3e-5', () => {
    for (const of of [(x: number) => x ** -3, (x: number) => 1 / ((0.001 + x) * (1 + 1.6 * x ** 0.9))]) {
      const read = createCoefficient(of)
      for (let x = 1e-9; x < 1e9; x *= 1.37) expect(Math.abs(read(x) / of(x) - 1)).toBeLessThan(3e-5)
    }
    const read = createCoefficient((x) => 1 / x)
    expect(read(1e-30)).toBe(2 ** 40)
    expect(read(1e30)).toBe(2 ** -40)
  })
})
