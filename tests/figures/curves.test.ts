import { describe, expect, test } from 'vitest'
import {
  bandPath,
  extentOf,
  interpolateCurve,
  linePath,
  mergeSeeds,
  spacedPoints,
  summarizeSeeds
} from '../../src-renderer/figures/curves.ts'

const point = (x: number, y: number, low = NaN, high = NaN) => ({ x, y, low, high })
const same = (value: number): number => value

describe('interpolateCurve', () => {
  const curve = [point(0, 10), point(2, 20), point(4, 0)]
  test.each([
    [0, 10],
    [1, 15],
    [2, 20],
    [3, 10],
    [4, 0]
  ])('at %d is %d', (x, y) => expect(interpolateCurve(curve, x)).toBe(y))
  test('is unknown outside of the points', () => {
    expect(interpolateCurve(curve, -1)).toBeNaN()
    expect(interpolateCurve(curve, 5)).toBeNaN()
    expect(interpolateCurve([], 0)).toBeNaN()
  })
})

describe('mergeSeeds', () => {
  test('leaves one curve as it is, with its band over draws', () => {
    expect(mergeSeeds([[point(0, 1, 0, 2)]])).toEqual([point(0, 1, 0, 2)])
  })
  test('gives the mean and the range of the seeds on the union of their points', () => {
    const merged = mergeSeeds([
      [point(0, 0, -9, 9), point(2, 2, -9, 9)],
      [point(0, 4), point(1, 4), point(2, 4)]
    ])
    expect(merged).toEqual([point(0, 2, 0, 4), point(1, 2.5, 1, 4), point(2, 3, 2, 4)])
  })
  test('ends where a seed ends', () => {
    expect(mergeSeeds([[point(0, 0), point(1, 1)], [point(0, 2)]])).toEqual([point(0, 1, 0, 2)])
  })
  test('ignores points that are not finite, and curves without any', () => {
    expect(mergeSeeds([[point(0, NaN)], [point(NaN, 1), point(1, 3)]])).toEqual([point(1, 3)])
  })
})

test('one seed has no range', () => {
  expect(summarizeSeeds([2])).toEqual({ y: 2, low: NaN, high: NaN })
  expect(summarizeSeeds([1, 5, NaN])).toEqual({ y: 3, low: 1, high: 5 })
})

test('an extent is finite and never empty', () => {
  expect(extentOf([3, NaN, 1, Infinity], [0, 1])).toEqual([1, 3])
  expect(extentOf([], [0, 1])).toEqual([0, 1])
  expect(extentOf([5], [0, 1])).toEqual([4.5, 5.5])
  expect(extentOf([0, 0], [2, 3])).toEqual([-1, 1])
})

test('paths leave gaps where a value is missing', () => {
  const points = [point(0, 1, 0, 2), point(1, NaN), point(2, 3, 2, 4), point(3, 4, 3, 5)]
  expect(linePath(points, same, same)).toBe('M0,1ZM2,3L3,4')
  expect(bandPath(points, same, same)).toBe('M0,2L0,0ZM2,4L3,5L3,3L2,2Z')
  expect(bandPath([point(0, 1)], same, same)).toBe('')
})

test('markers keep their distance', () => {
  const points = [0, 1, 2, 3, 4, 5].map((x) => point(x, 0))
  expect(spacedPoints(points, same, same, 2).map(({ x }) => x)).toEqual([0, 2, 4])
})
