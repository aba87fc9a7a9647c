import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { UserError } from '../../../src-shared/errors.ts'
import { matrixFromRows, type Matrix } from '../../../src-shared/science/matrix.ts'
import { nearestNeighbors } from '../../../src-shared/science/neighbors.ts'
import { trustworthiness } from '../../../src-shared/science/trustworthiness.ts'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../src-main/engine/backend/choose.ts'
import { measureTrustworthiness } from '../../../src-main/engine/probes/map-trust.ts'
import { findNearestNeighbors } from '../../../src-main/engine/probes/nearest-neighbors.ts'
import { squaredDistance } from '../../../src-main/engine/probes/row-products.ts'
import { clusters } from '../../science/fixtures.ts'

let backend: Backend
beforeAll(async () => {
  backend = await openBackend()
})

/** Few different rows, so that many are equal, at any distance from the origin. */
const rows = fc
  .record({
    columns: fc.integer({ min: 1, max: 6 }),
    count: fc.integer({ min: 3, max: 40 }),
    kinds: fc.integer({ min: 1, max: 40 }),
    origin: fc.constantFrom(0, 1, 1e4, -1e6),
    isWhole: fc.boolean(),
    seed: fc.nat()
  })
  .map(({ columns, count, kinds, origin, isWhole, seed }): Matrix => {
    const different = clusters(kinds, columns, 2, 2, seed).features
    const data = new Float64Array(count * columns)
    for (let i = 0; i < count; i++) {
      const kind = (i * 7919 + seed) % kinds
      for (let d = 0; d < columns; d++) {
        const value = different.data[kind * columns + d]!
        data[i * columns + d] = origin + (isWhole ? Math.round(value) : value)
      }
    }
    return { data, rows: count, columns }
  })

/** The same neighbours, save that equally near ones may stand for each other. */
function expectSame(features: Matrix, k: number, found: Int32Array, exact: Int32Array): void {
  const far = Math.max(...features.data.map((value, at) => Math.abs(value - features.data[at % features.columns]!)))
  for (let at = 0; at < exact.length; at++) {
    const i = Math.floor(at / k)
    const [one, other] = [found, exact].map((indices) => squaredDistance(features, i, indices[at]!)) as [number, number]
    expect(Math.abs(one - other)).toBeLessThanOrEqual(1e-12 * features.columns * (1 + far * far))
  }
  for (let i = 0; i < features.rows; i++) {
    const own = found.subarray(i * k, (i + 1) * k)
    expect(own).not.toContain(i)
    expect(new Set(own).size).toBe(k)
  }
}

describe('neighbours by matrix multiplication', () => {
  test('are the exact ones, with copies of rows and far origins', async () => {
    const before = backend.tensorCount()
    await fc.assert(
      fc.asyncProperty(rows, fc.nat(), async (features, some) => {
        const k = 1 + (some % (features.rows - 1))
        const found = await findNearestNeighbors(backend, features, k)
        const exact = nearestNeighbors(features, k)
        expectSame(features, k, found.indices, exact.indices)
        found.distances.forEach((distance, at) => expect(distance).toBeCloseTo(exact.distances[at]!, 4))
      })
    )
    expect(backend.tensorCount()).toBe(before)
  })

  test('are the exact ones where float32 confuses them: near each other, far from the mean', async () => {
    const { features } = clusters(400, 16, 2, 3000, 1)
    const found = await findNearestNeighbors(backend, features, 10)
    expectSame(features, 10, found.indices, nearestNeighbors(features, 10).indices)
  })

  test('are the exact ones on a device that multiplies with ten binary digits', async () => {
    const { features } = clusters(300, 64, 3, 1, 1)
    const found = await findNearestNeighbors(coarse(), features, 10)
    expect(found).toEqual(await findNearestNeighbors(backend, features, 10))
  })

  test('are found in several blocks, with progress', async () => {
    const { features } = clusters(3000, 4, 3, 2, 1)
    const fractions: number[] = []
    const onFraction = (fraction: number) => void fractions.push(fraction)
    const found = await findNearestNeighbors(backend, features, 3, { onFraction })
    expectSame(features, 3, found.indices, nearestNeighbors(features, 3).indices)
    expect(fractions.length).toBeGreaterThan(2)
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b))
    expect(fractions.at(-1)).toBe(1)
  })

  test('leave nothing behind when they are cancelled between two blocks', async () => {
    const { features } = clusters(3000, 4, 3, 2, 1)
    const before = backend.tensorCount()
    const stop = new AbortController()
    const search = findNearestNeighbors(backend, features, 3, { onFraction: () => stop.abort(), signal: stop.signal })
    await expect(search).rejects.toThrow(UserError)
    expect(backend.tensorCount()).toBe(before)
  })

  test('name a wrong k, and make do with rows that are no numbers', async () => {
    const some = matrixFromRows([[0], [1], [3]])
    for (const k of [0, 3, 1.5])
      await expect(findNearestNeighbors(backend, some, k)).rejects.toThrow(`${k} neighbours among 3`)
    const { indices } = await findNearestNeighbors(backend, matrixFromRows([[0], [NaN], [3], [NaN]]), 2)
    expect([...indices].every((index) => index >= 0 && index < 4)).toBe(true)
  })
})

describe('trustworthiness by matrix multiplication', () => {
  test('is the exact one, with copies of rows and far origins', async () => {
    const before = backend.tensorCount()
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 1, max: 15 }), fc.nat(), async (features, k, seed) => {
        const map = clusters(features.rows, 2, 2, 1, seed).features
        const found = await measureTrustworthiness(backend, features, map, {}, k)
        expect(found).toBeCloseTo(trustworthiness(features, map, k), 2)
        const self = await measureTrustworthiness(backend, features, features, {}, k)
        expect(self).toBe(1)
      })
    )
    expect(backend.tensorCount()).toBe(before)
  })

  test.each([1, 3000])('is the exact one for clusters at a distance of %d', async (distance) => {
    const { features } = clusters(500, 32, 4, distance, 1)
    const map = { data: Float64Array.from({ length: 1000 }, (_, at) => features.data[(at >> 1) * 32 + (at & 1)]!) }
    const [rows, columns] = [500, 2]
    const exact = trustworthiness(features, { ...map, rows, columns })
    expect(await measureTrustworthiness(backend, features, { ...map, rows, columns })).toBeCloseTo(exact, 10)
    expect(await measureTrustworthiness(coarse(), features, { ...map, rows, columns })).toBeCloseTo(exact, 10)
  })

  test('is not known of two points, and asks for as many points as features', async () => {
    const two = matrixFromRows([[0], [1]])
    expect(await measureTrustworthiness(backend, two, two)).toBeNaN()
    await expect(measureTrustworthiness(backend, two, matrixFromRows([[0]]))).rejects.toThrow('1 points for 2')
  })
})

/** The backend with the factors of a product rounded to ten binary digits, as TF32 does. */
function coarse(): Backend {
  const { tf } = backend
  const round = (tensor: Parameters<typeof tf.round>[0]) => {
    const step = tf.pow(2, tf.sub(tf.floor(tf.div(tf.log(tf.maximum(tf.abs(tensor), 1e-30)), Math.LN2)), 10))
    return tf.mul(tf.round(tf.div(tensor, step)), step)
  }
  const matMul: typeof tf.matMul = (a, b, ...rest) => tf.matMul(round(a), round(b), ...rest)
  return { ...backend, tf: Object.create(tf, { matMul: { value: matMul } }) as typeof tf }
}
