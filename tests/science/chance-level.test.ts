import { expect, test } from 'vitest'
import { chanceLimit, isNearChance } from '../../src-shared/science/chance-level.ts'

test('three standard errors of a binomial share above 1/C', () => {
  // sqrt(0.1 * 0.9 / 900) = 0.01
  expect(chanceLimit(10, 900)).toBeCloseTo(0.13, 12)
  // sqrt(0.5 * 0.5 / 100) = 0.05
  expect(chanceLimit(2, 100)).toBeCloseTo(0.65, 12)
})

test('what lies at the limit or below could be luck, what lies above could not', () => {
  expect(isNearChance(0.13, 10, 900)).toBe(true)
  expect(isNearChance(0.131, 10, 900)).toBe(false)
  expect(isNearChance(0, 10, 900)).toBe(true)
})
