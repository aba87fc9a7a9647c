import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { attentionDistance, attentionMap } from '../../src-shared/science/attention-transfer.ts'
import { defaultLambda, distillationLoss } from '../../src-shared/science/distillation-loss.ts'
import { divergence, meanEntropy, softenedDivergence } from '../../src-shared/science/divergence.ts'
import { averagePool, featureMaps } from '../../src-shared/science/feature-maps.ts'
import { hintDistance } from '../../src-shared/science/hint-distance.ts'
import { labelSmoothingLoss, smoothLabels } from '../../src-shared/science/label-smoothing.ts'
import { dominantTerm, lossShares, weightedSources } from '../../src-shared/science/loss-shares.ts'
import { matrixFromRows, rowOf, type Matrix } from '../../src-shared/science/matrix.ts'
import { mutualLearningLoss } from '../../src-shared/science/mutual-learning.ts'
import { roundLoss, roundTargets } from '../../src-shared/science/round-loss.ts'
import { sharpnessPerturbations } from '../../src-shared/science/sharpness-aware.ts'
import { softCrossEntropy, softmaxRows } from '../../src-shared/science/soft-cross-entropy.ts'
import { crossEntropy } from '../../src-shared/science/softmax.ts'
import { termWeights } from '../../src-shared/science/term-weights.ts'

const finite = fc.double({ min: -20, max: 20, noNaN: true })
const temperature = fc.double({ min: 0.5, max: 10, noNaN: true })
const matrixOf = (rows: number, columns: number): fc.Arbitrary<Matrix> =>
  fc
    .array(finite, { minLength: rows * columns, maxLength: rows * columns })
    .map((data) => ({ data: Float64Array.from(data), rows, columns }))
const logits = matrixOf(4, 5)
const labels = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 4, maxLength: 4 })
const sumOf = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0)

test('KL is never negative, zero for equal logits, and soft cross entropy less the entropy', () => {
  fc.assert(
    fc.property(logits, logits, temperature, (a, b, t) => {
      expect(divergence(a, b, t)).toBeGreaterThan(-1e-12)
      expect(divergence(a, a, t)).toBe(0)
      expect(softenedDivergence(a, b, t)).toBeCloseTo(t ** 2 * divergence(a, b, t), 9)
      expect(softCrossEntropy(b, softmaxRows(a)) - meanEntropy(a)).toBeCloseTo(divergence(a, b), 9)
    })
  )
})

test('entropy is between 0 and log C, which equal logits reach', () => {
  fc.assert(
    fc.property(logits, (a) => {
      expect(meanEntropy(a)).toBeGreaterThanOrEqual(0)
      expect(meanEntropy(a)).toBeLessThanOrEqual(Math.log(5) + 1e-12)
    })
  )
  expect(meanEntropy(matrixFromRows([[2, 2, 2, 2]]))).toBeCloseTo(Math.log(4), 14)
})

test("without a form it is the old formula, the golden files' loss", () => {
  fc.assert(
    fc.property(
      fc.array(logits, { minLength: 1, maxLength: 4 }),
      labels,
      fc.double({ min: 0, max: 1, noNaN: true }),
      temperature,
      (exits, given, alpha, t) => {
        const lambda = defaultLambda(5)
        const terms = distillationLoss({ logits: exits, features: exits, labels: given, alpha, lambda, temperature: t })
        const teacher = exits.at(-1)!
        const shallow = exits.slice(0, -1)
        const old =
          crossEntropy(teacher, given) +
          (1 - alpha) * sumOf(shallow.map((exit) => crossEntropy(exit, given))) +
          alpha * sumOf(shallow.map((exit) => softenedDivergence(teacher, exit, t))) +
          lambda * sumOf(shallow.map((exit) => hintDistance(teacher, exit)))
        expect(Math.abs(terms.total - old)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(old)))
      }
    )
  )
})

test('the hints are one distance: norm squared = sum = N mean; what is positive is a part of it', () => {
  fc.assert(
    fc.property(logits, logits, (a, b) => {
      const sum = hintDistance(a, b, 'sum-squared')
      expect(hintDistance(a, b, 'norm') ** 2).toBeCloseTo(sum, 8)
      expect(hintDistance(a, b, 'mean-squared') * 4).toBeCloseTo(sum, 8)
      expect(hintDistance(a, b, 'sum-squared-positive')).toBeLessThanOrEqual(sum)
      // After a ReLU nothing is left out: where both are zero they do not differ.
      const [p, q] = [a, b].map((one) => ({ ...one, data: one.data.map((value) => Math.max(0, value)) }))
      expect(hintDistance(p!, q!, 'sum-squared-positive')).toBe(hintDistance(p!, q!, 'sum-squared'))
    })
  )
})

test('smoothed labels sum to 1, and their loss lies between the labels and the uniform one', () => {
  fc.assert(
    fc.property(logits, labels, fc.double({ min: 0, max: 1, noNaN: true }), (z, given, smoothing) => {
      const targets = smoothLabels(given, 5, smoothing)
      for (let i = 0; i < 4; i++) expect(sumOf(rowOf(targets, i))).toBeCloseTo(1, 12)
      const [none, all] = [0, 1].map((s) => labelSmoothingLoss(z, given, s))
      expect(none).toBeCloseTo(crossEntropy(z, given), 10)
      expect(labelSmoothingLoss(z, given, smoothing)).toBeCloseTo((1 - smoothing) * none! + smoothing * all!, 8)
    })
  )
})

test('attention does not change with the positive scale of a map; attention maps have length 1', () => {
  fc.assert(
    fc.property(matrixOf(3, 16), matrixOf(3, 16), fc.double({ min: 0.1, max: 100, noNaN: true }), (a, b, scale) => {
      const [one, other] = [a, b].map(({ data }) => featureMaps(data, [3, 2, 2, 4]))
      const scaled = { ...one!, data: one!.data.map((value) => value * scale) }
      // Below 1e-12 a map counts as none.
      fc.pre(softest(one!.data) > 1e-3)
      expect(attentionDistance(other!, scaled)).toBeCloseTo(attentionDistance(other!, one!), 10)
      for (let i = 0; i < 3; i++) expect(sumOf(rowOf(attentionMap(one!), i).map((v) => v ** 2))).toBeCloseTo(1, 10)
      expect(attentionDistance(one!, one!)).toBe(0)
    })
  )
  /** The largest value of the image whose largest is the least. */
  function softest(data: Matrix['data']): number {
    return Math.min(...[0, 1, 2].map((i) => Math.max(...data.subarray(i * 16, (i + 1) * 16).map(Math.abs))))
  }
})

test('averaging down keeps every channel, and constants', () => {
  fc.assert(
    fc.property(matrixOf(2, 18), fc.integer({ min: 1, max: 3 }), (a, size) => {
      const maps = featureMaps(a.data, [2, 3, 3, 2])
      expect(averagePool(maps, size, size).data).toHaveLength(2 * size * size * 2)
      const constant = { ...maps, data: maps.data.map((_, i) => (i % 2 ? 3 : -1)) }
      averagePool(constant, size, size).data.forEach((value, i) => expect(value).toBeCloseTo(i % 2 ? 3 : -1, 12))
    })
  )
})

test("a perturbation has norm rho over all tensors, and the gradient's direction", () => {
  fc.assert(
    fc.property(
      fc.array(finite, { minLength: 1 }),
      fc.array(finite),
      fc.double({ min: 1e-3, max: 2, noNaN: true }),
      (a, b, rho) => {
        fc.pre([...a, ...b].some((value) => Math.abs(value) > 1e-9))
        const moves = sharpnessPerturbations([a, b], rho)
        expect(Math.hypot(...moves[0]!, ...moves[1]!)).toBeCloseTo(rho, 9)
        moves.forEach((move, k) => move.forEach((value, i) => expect(value * [a, b][k]![i]!).toBeGreaterThanOrEqual(0)))
      }
    )
  )
})

test('a round costs least where the network gives what the last one gave', () => {
  fc.assert(
    fc.property(logits, logits, (last, other) => {
      const soft = roundTargets('cross-entropy', last)
      expect(roundLoss('cross-entropy', last, soft)).toBeCloseTo(meanEntropy(last), 9)
      expect(roundLoss('cross-entropy', other, soft)).toBeGreaterThanOrEqual(
        roundLoss('cross-entropy', last, soft) - 1e-9
      )
      expect(roundLoss('l2', last, roundTargets('l2', last))).toBe(0)
    })
  )
})

test('mutual learning does not depend on the order of the students', () => {
  fc.assert(
    fc.property(logits, logits, labels, (a, b, given) => {
      const [one, other] = [mutualLearningLoss([a, b], given), mutualLearningLoss([b, a], given)]
      expect(other.total).toBeCloseTo(one.total, 9)
      expect(other.kl.toReversed()).toEqual(one.kl)
    })
  )
})

describe('shares of a loss', () => {
  it('sum to 1, whatever the signs', () => {
    fc.assert(
      fc.property(fc.array(finite, { minLength: 1 }), (values) => {
        const shares = lossShares(values.map((value, i) => ({ name: `${i}`, value })))
        const sum = sumOf(shares.map(({ share }) => share))
        expect(sum).toBeCloseTo(values.some((value) => value !== 0) ? 1 : 0, 9)
      })
    )
  })

  it('tell the hint that drowns the labels, and nothing at half', () => {
    const terms = { total: 0, crossEntropy: [2, 1], kl: [0.5], hint: [100] }
    const weights = termWeights({ alpha: 0.5, lambda: 1, temperature: 1 }, 2)
    expect(weightedSources(terms, weights)).toEqual([
      { name: 'labelLoss', value: 2 },
      { name: 'distillationLoss', value: 0.25 },
      { name: 'hintLoss', value: 100 }
    ])
    expect(dominantTerm(weightedSources(terms, weights))).toEqual({ name: 'hintLoss', share: 100 / 102.25 })
    expect(weightedSources({ ...terms, teacherEntropy: 1 }, weights)[1]!.value).toBe(0.75)
    const half = [
      { name: 'a', value: -1 },
      { name: 'b', value: 1 }
    ]
    expect(dominantTerm(half)).toBeUndefined()
  })
})
