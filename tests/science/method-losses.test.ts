import { expect, it, test } from 'vitest'
import { attentionMap, attentionTransferLoss } from '../../src-shared/science/attention-transfer.ts'
import { averagePool, featureMaps, type FeatureMaps } from '../../src-shared/science/feature-maps.ts'
import { fitnetsLoss } from '../../src-shared/science/fitnets-loss.ts'
import { knowledgeDistillationLoss } from '../../src-shared/science/knowledge-distillation.ts'
import { labelSmoothingLoss, smoothLabels } from '../../src-shared/science/label-smoothing.ts'
import { matrixFromRows, zeros } from '../../src-shared/science/matrix.ts'
import { mutualLearningLoss } from '../../src-shared/science/mutual-learning.ts'
import { roundLoss, roundLossKinds, roundTargets } from '../../src-shared/science/round-loss.ts'
import { sharpnessPerturbations } from '../../src-shared/science/sharpness-aware.ts'
import { oneHot, softCrossEntropy } from '../../src-shared/science/soft-cross-entropy.ts'
import { readWitness, type Maps } from './loss-fixtures.ts'

const expectClose = (actual: ArrayLike<number>, expected: ArrayLike<number>): void => {
  expect(actual.length).toBe(expected.length)
  for (let i = 0; i < expected.length; i++) {
    expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThanOrEqual(1e-6 * Math.abs(expected[i]!))
  }
}
const shapeOf = (maps: Maps): number[] => [maps.length, maps[0]!.length, maps[0]![0]!.length, maps[0]![0]![0]!.length]
const toMaps = (maps: Maps): FeatureMaps => featureMaps(Float64Array.from(maps.flat(3)), shapeOf(maps))

test("knowledge distillation is RepDistiller's in PyTorch", () => {
  const { student, teacher, labels, ...expected } = readWitness('knowledge-distillation')
  const loss = knowledgeDistillationLoss({ student: matrixFromRows(student), teacher: matrixFromRows(teacher), labels })
  expectClose([loss.total, loss.crossEntropy, loss.kl], [expected.total, expected.crossEntropy, expected.kl])
})

test("FitNets is RepDistiller's in PyTorch", () => {
  const { logits, regressed, teacherMap, labels, ...expected } = readWitness('fitnets')
  const maps = { regressed: toMaps(regressed), teacherMap: toMaps(teacherMap) }
  const loss = fitnetsLoss({ logits: matrixFromRows(logits), labels, ...maps })
  expectClose([loss.total, loss.crossEntropy, loss.hint], [expected.total, expected.crossEntropy, expected.hint])
  const narrow = { regressed: zeros(6, 2), teacherMap: zeros(6, 3) }
  expect(() => fitnetsLoss({ logits: matrixFromRows(logits), labels, ...narrow })).toThrow("beside the teacher's 6 x 3")
})

test("attention transfer is RepDistiller's in PyTorch, larger maps averaged down", () => {
  const { logits, stages, labels, ...expected } = readWitness('attention-transfer')
  const pairs = stages.map(({ student, teacher }) => ({ student: toMaps(student), teacher: toMaps(teacher) }))
  const loss = attentionTransferLoss({ logits: matrixFromRows(logits), labels, stages: pairs })
  expectClose(loss.attention, expected.attention)
  expectClose([loss.total, loss.crossEntropy], [expected.total, expected.crossEntropy])
})

test('an all-zero map has an attention map of zeros, and averaging keeps the mean', () => {
  expect(attentionMap({ ...zeros(1, 8), height: 2, width: 2, channels: 2 }).data).toEqual(new Float64Array(4))
  const maps = featureMaps(
    Float64Array.from({ length: 16 }, (_, i) => i),
    [1, 4, 4, 1]
  )
  expect([...averagePool(maps, 2, 2).data]).toEqual([2.5, 4.5, 10.5, 12.5])
  expect(() => featureMaps(new Float64Array(3), [1, 2, 2, 1])).toThrow('3 values where 1 x 2 x 2 x 1 are needed')
})

test('mutual learning of two and of three students is as in PyTorch', () => {
  const { labels, cases } = readWitness('mutual-learning')
  for (const { students, ...expected } of cases) {
    const loss = mutualLearningLoss(students.map(matrixFromRows), labels)
    expectClose([loss.total], [expected.total])
    expectClose(loss.crossEntropy, expected.crossEntropy)
    expectClose(loss.kl, expected.kl)
  }
  expect(() => mutualLearningLoss([zeros(1, 2)], [0])).toThrow('two students at least, not 1')
})

test('mutual learning of equal students costs their cross entropies alone', () => {
  const same = zeros(2, 4)
  expect(mutualLearningLoss([same, zeros(2, 4)], [0, 1]).kl).toEqual([0, 0])
  expect(mutualLearningLoss([same, same], [0, 1]).total).toBeCloseTo(2 * Math.log(4), 12)
})

test("label smoothing is PyTorch's", () => {
  const { logits, labels, smoothing, loss } = readWitness('label-smoothing')
  expectClose([labelSmoothingLoss(matrixFromRows(logits), labels, smoothing)], [loss])
  expect(() => smoothLabels(labels, 5, 1.5)).toThrow('0 to 1, not 1.5')
  expect(() => smoothLabels([7], 5, 0.1)).toThrow('Label 7')
})

test('rounds are as in PyTorch: one-hot labels first, the last outputs then', () => {
  const { logits, last, labels, losses } = readWitness('rounds')
  for (const kind of roundLossKinds) {
    const targets = [oneHot(labels, 5), roundTargets(kind, matrixFromRows(last))]
    const actual = targets.map((target) => roundLoss(kind, matrixFromRows(logits), target))
    expectClose(
      actual,
      losses[kind].map(({ loss }) => loss)
    )
  }
})

test("sharpness-aware minimisation moves by rho along PyTorch's gradient", () => {
  const { gradients, perturbations, rho } = readWitness('sharpness-aware')
  const moves = sharpnessPerturbations([gradients[0].flat(), gradients[1]], rho)
  expectClose(moves[0]!, perturbations[0].flat())
  expectClose(moves[1]!, perturbations[1])
  expect(sharpnessPerturbations([[0, 0], [0]], rho).map((move) => [...move])).toEqual([[0, 0], [0]])
})

it('names targets that do not fit', () => {
  expect(() => softCrossEntropy(zeros(2, 3), zeros(2, 4))).toThrow("2 x 3 values beside the targets' 2 x 4")
  expect(() => oneHot([3], 3)).toThrow('Label 3')
})

it('counts no target of zero, whatever the logits say', () => {
  expect(softCrossEntropy(matrixFromRows([[0, -Infinity]]), matrixFromRows([[1, 0]]))).toBe(0)
})
