import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  baselineLoss,
  deepSupervisionLoss,
  defaultLambda,
  distillationLoss,
  softenedDivergence
} from '../../src-shared/science/distillation-loss.ts'
import { matrixFromRows } from '../../src-shared/science/matrix.ts'
import { readGolden, reference } from './fixtures.ts'

const golden = readGolden('bottleneck-resnet18-w8')
const input = {
  logits: golden.eval.logits.map(matrixFromRows),
  features: golden.eval.features.map(matrixFromRows),
  labels: golden.labels
}
const finite = fc.double({ min: -30, max: 30, noNaN: true })
const rows = fc.array(fc.tuple(finite, finite, finite), { minLength: 1, maxLength: 5 })

const expectClose = (actual: number[], expected: number[]): void => {
  expect(actual.length).toBe(expected.length)
  actual.forEach((value, i) => expect(value / expected[i]!).toBeCloseTo(1, 9))
}

it("gives SciPy's terms for the golden network's outputs", () => {
  const loss = distillationLoss({ ...input, ...golden.hyper })
  expectClose([loss.total], [reference.losses.total])
  expectClose(loss.crossEntropy, reference.losses.crossEntropy)
  expectClose(loss.kl, reference.losses.kl)
  expectClose(loss.hint, reference.losses.hint)
})

it('is deep supervision at alpha = lambda = 0, and the baseline is the deepest exit', () => {
  const plain = distillationLoss({ ...input, alpha: 0, lambda: 0, temperature: 3 })
  const supervised = deepSupervisionLoss(input)
  const baseline = baselineLoss(input)
  expect(plain.total).toBeCloseTo(supervised.total, 12)
  expect(supervised.crossEntropy).toEqual(plain.crossEntropy)
  expect(baseline.crossEntropy).toEqual(plain.crossEntropy)
  expect(baseline.total).toBe(plain.crossEntropy.at(-1))
  for (const { kl, hint } of [supervised, baseline]) expect([kl, hint]).toEqual([[], []])
})

it('has a divergence that is never negative, and zero for logits equal up to a shift', () => {
  fc.assert(
    fc.property(rows, rows, finite, fc.double({ min: 0.5, max: 10, noNaN: true }), (a, b, shift, temperature) => {
      const n = Math.min(a.length, b.length)
      const teacher = matrixFromRows(a.slice(0, n))
      expect(softenedDivergence(teacher, matrixFromRows(b.slice(0, n)), temperature)).toBeGreaterThan(-1e-10)
      const shifted = matrixFromRows(a.slice(0, n).map((row) => row.map((value) => value + shift)))
      expect(Math.abs(softenedDivergence(teacher, shifted, temperature))).toBeLessThan(1e-10)
    })
  )
})

it('tends to half the squared distance of centred logits over C at high temperature (Hinton et al. 2015, section 2.1)', () => {
  const [a, b] = [matrixFromRows([[1, -1, 0]]), matrixFromRows([[0, 1, -1]])]
  expect(softenedDivergence(a, b, 1e4)).toBeCloseTo(6 / (2 * 3), 3)
})

it('is finite where the teacher is certain', () => {
  const loss = softenedDivergence(matrixFromRows([[1e5, -Infinity]]), matrixFromRows([[0, 0]]), 1)
  expect(loss).toBeCloseTo(Math.log(2), 12)
})

it('does not depend on the order of the samples', () => {
  const reversed = {
    logits: golden.eval.logits.map((exit) => matrixFromRows(exit.toReversed())),
    features: golden.eval.features.map((exit) => matrixFromRows(exit.toReversed())),
    labels: golden.labels.toReversed()
  }
  const [a, b] = [input, reversed].map((data) => distillationLoss({ ...data, ...golden.hyper }))
  expect(a!.total).toBeCloseTo(b!.total, 10)
})

it('gives lambda for the feature dimensions', () => {
  expect(defaultLambda(64)).toBe(0.03)
  expect(defaultLambda(512)).toBeCloseTo(0.00375, 15)
})

it('names shapes that do not fit', () => {
  expect(() => distillationLoss({ ...input, features: [], ...golden.hyper })).toThrow('features of one exit')
  expect(() => baselineLoss({ logits: [], labels: [] })).toThrow('logits of one exit')
  const [narrow, wide] = [matrixFromRows([[1]]), matrixFromRows([[1, 2]])]
  expect(() => softenedDivergence(wide, narrow, 1)).toThrow('1 x 1')
})
