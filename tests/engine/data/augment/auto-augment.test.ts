import { describe, expect, test } from 'vitest'
import {
  applyPolicy,
  drawPolicy,
  magnitudeOf,
  operations,
  type OperationName
} from '../../../../src-main/engine/data/augment/auto-augment.ts'
import { cifarPolicy } from '../../../../src-main/engine/data/augment/cifar-policy.ts'
import { createRandom } from '../../../../src-shared/science/random.ts'
import { expectedOf, golden, imageOf } from './golden.ts'

const names = Object.keys(operations) as OperationName[]

describe('byte for byte what torchvision gives', () => {
  test.each(names)('%s', (name) => {
    const cases = golden.operations.filter(({ operation }) => operation === name)
    expect(cases.length).toBeGreaterThanOrEqual(5)
    for (const { image, magnitude, offset } of cases) {
      const input = imageOf(image)
      const result = operations[name](input, magnitude)
      expect(result, `${image}, ${magnitude}`).toEqual(expectedOf(image, offset))
      expect(input, 'the input is not written to').toEqual(imageOf(image))
    }
  })

  test.each(cifarPolicy.map((_, index) => index))('sub-policy %i', (index) => {
    const cases = golden.policies.filter((draw) => draw.index === index)
    expect(cases.length).toBeGreaterThanOrEqual(4)
    for (const { image, applied, negative, offset } of cases) {
      const result = applyPolicy(imageOf(image), { index, isApplied: applied, isNegative: negative })
      expect(result, `${image}, ${negative}`).toEqual(expectedOf(image, offset))
    }
  })

  test('the golden images change: no comparison is of nothing', () => {
    for (const name of names) {
      const changed = golden.operations.filter(({ operation, image, offset }) => {
        const before = imageOf(image).pixels
        return operation === name && expectedOf(image, offset).some((byte, index) => byte !== before[index])
      })
      expect(changed.length, name).toBeGreaterThanOrEqual(2)
    }
  })
})

test('the table and the levels are torchvision’s', () => {
  expect(cifarPolicy).toEqual(golden.sub_policies)
  for (const name of names) {
    const levels = golden.levels_32x32[name]
    expect(
      levels.map((_, level) => magnitudeOf(name, level, [32, 32])),
      name
    ).toEqual(levels)
  }
})

describe('what chance decides', () => {
  const draws = Array.from({ length: 20_000 }, (_, index) => drawPolicy(createRandom(5, index)))

  test('sub-policies evenly, operations with their probabilities, signs evenly', () => {
    cifarPolicy.forEach(([[, first], [, second]], index) => {
      const of = draws.filter((draw) => draw.index === index)
      const share = (is: (draw: (typeof of)[number]) => boolean) => of.filter(is).length / of.length
      // 800 draws each: five standard deviations.
      expect(Math.abs(of.length - 800)).toBeLessThan(140)
      expect(Math.abs(share(({ isApplied }) => isApplied[0]) - first)).toBeLessThan(0.09)
      expect(Math.abs(share(({ isApplied }) => isApplied[1]) - second)).toBeLessThan(0.09)
      for (const position of [0, 1])
        expect(Math.abs(share(({ isNegative }) => isNegative[position]!) - 0.5)).toBeLessThan(0.09)
    })
    expect(draws.some(({ index, isApplied }) => index === 14 && isApplied[1])).toBe(false)
  })

  test('five numbers of the stream at each call', () => {
    const [random, other] = [createRandom(1), createRandom(1)]
    drawPolicy(random)
    other.integer(25)
    other.uniform()
    other.uniform()
    other.integer(2)
    other.integer(2)
    expect(random.uniform()).toBe(other.uniform())
  })
})
