import { describe, expect, it, test } from 'vitest'
import {
  distillationForms,
  distillationLoss,
  presetDistillation,
  termWeights,
  weightedDistillationLoss,
  type DistillationChoice,
  type LossInput,
  type PresetName
} from '../../src-shared/science/distillation-loss.ts'
import { matrixFromRows, zeros, type Matrix } from '../../src-shared/science/matrix.ts'
import { perExitWeights, readWitness } from './loss-fixtures.ts'

const witness = readWitness('self-distillation')
const exits = witness.logits.length
const width = witness.features[0]![0]!.length

/** Features of shallow exits through their Linear: x W^T + b. */
const adapted = witness.features.map((rows, exitIndex) => {
  const adapter = witness.adapters[exitIndex]
  if (!adapter) return rows
  return rows.map((row) => adapter.weight.map((w, i) => w.reduce((sum, v, k) => sum + v * row[k]!, adapter.bias[i]!)))
})
const input: LossInput = {
  logits: witness.logits.map(matrixFromRows),
  features: witness.features.map(matrixFromRows),
  labels: witness.labels
}
const preset = (name: PresetName): DistillationChoice => presetDistillation(name, width)
const choices: Record<keyof typeof witness.forms, DistillationChoice> = {
  'autodidact-default': preset('autodidact-default'),
  'byot-luanyunteng': preset('byot-luanyunteng'),
  scan: preset('scan'),
  'byot-journal': preset('byot-journal'),
  'per-exit': perExitWeights
}

const expectClose = (actual: readonly number[], expected: readonly number[]): void => {
  expect(actual).toHaveLength(expected.length)
  actual.forEach((value, i) => expect(Math.abs(value / expected[i]! - 1)).toBeLessThan(1e-6))
}

describe.each(Object.keys(choices) as (keyof typeof choices)[])('%s', (name) => {
  const form = name === 'per-exit' ? distillationForms['autodidact-default'] : distillationForms[name]
  const expected = witness.forms[name]
  const given = form.adapters ? { ...input, features: adapted.map(matrixFromRows) } : input

  it("gives PyTorch's terms", () => {
    const terms = distillationLoss({ ...given, ...choices[name] })
    expectClose(terms.crossEntropy, expected.crossEntropy)
    expectClose(terms.kl, expected.kl)
    expectClose(terms.hint, expected.hint)
    expect(terms.teacherEntropy !== undefined).toBe(form.softCrossEntropy)
  })

  it("gives the public code's total, soft cross entropy counted where that code does", () => {
    const countsEntropy = name !== 'autodidact-default' && name !== 'per-exit'
    const weights = { ...termWeights(choices[name], exits), softCrossEntropy: countsEntropy }
    const terms = weightedDistillationLoss(given, weights)
    expectClose([terms.total], [expected.total])
    if (!countsEntropy) return
    expectClose([terms.teacherEntropy!], [expected.entropy * weights.klFactor])
    // Without the entropy, which has no gradient, the curve is lower by so much.
    const bare = weightedDistillationLoss(given, { ...weights, softCrossEntropy: false })
    const counted = weights.distill.reduce((a, b) => a + b, 0)
    expectClose([bare.total + counted * expected.entropy * weights.klFactor], [expected.total])
  })
})

it('compares maps where it is asked to', () => {
  const maps = witness.maps.map((images) => matrixFromRows(images.map((image) => image.flat(2))))
  const choice = presetDistillation('autodidact-default', width)
  const onMaps = distillationLoss({ ...input, ...choice, maps, hintOn: 'maps' })
  const onFeatures = distillationLoss({ ...input, ...choice, maps, hintOn: 'features' })
  expectClose(onMaps.hint, witness.onMaps.hint)
  expectClose(onFeatures.hint, witness.forms['autodidact-default'].hint)
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0)
  expectClose(
    [onMaps.total - onFeatures.total],
    [choice.lambda * (sum(witness.onMaps.hint) - sum(witness.forms['autodidact-default'].hint))]
  )
  expect(() => distillationLoss({ ...input, ...choice, hintOn: 'maps' })).toThrow('needs the maps of one exit')
  expect(() => distillationLoss({ ...input, ...choice, maps: maps.slice(1), hintOn: 'maps' })).toThrow('Maps of 3')
})

describe('termWeights', () => {
  test.each([
    ['autodidact-default', [0.7, 0.7, 0.7, 1], 0.3, [0.015, 0.015, 0.015, 0], 9, 'mean-squared', false],
    ['byot-luanyunteng', [0.9, 0.9, 0.9, 0.9], 0.1, [1e-6, 1e-6, 1e-6, 0], 9, 'sum-squared-positive', false],
    ['scan', [0.5, 0.5, 0.5, 1], 0.5, [5e-7, 5e-7, 5e-7, 0], 9, 'sum-squared', false],
    ['byot-journal', [0.7, 0.7, 0.7, 1], 0.3, [0.03, 0.03, 0, 0], 1, 'norm', true]
  ] as const)('%s', (name, label, alpha, hint, klFactor, hintKind, softCrossEntropy) => {
    const distill = [alpha, alpha, alpha, 0]
    const expected = { label, distill, hint, temperature: 3, klFactor, hintKind, softCrossEntropy }
    expect(termWeights(presetDistillation(name, 128), 4)).toEqual(expected)
  })

  it('fits any number of exits, one included', () => {
    const journal = presetDistillation('byot-journal', 8)
    expect(termWeights(journal, 5).hint).toEqual([0.03, 0.03, 0.03, 0, 0])
    expect(termWeights(journal, 2).hint).toEqual([0, 0])
    expect(termWeights(journal, 1)).toMatchObject({ label: [1], distill: [0], hint: [0] })
    expect(() => termWeights(journal, 0)).toThrow('one exit at least, not 0')
  })

  it("takes vectors in place of the form's weights, and its own T", () => {
    const { label, distill, hint, klFactor } = termWeights(perExitWeights, 4)
    expect([label, distill, hint]).toEqual([
      perExitWeights.labelWeights,
      perExitWeights.distillWeights,
      perExitWeights.hintWeights
    ])
    expect(klFactor).toBe(4)
    expect(termWeights({ ...presetDistillation('byot-journal', 8), hintWeights: [1, 2, 3, 0] }, 4).hint).toEqual([
      1, 2, 3, 0
    ])
  })

  it('refuses vectors that do not fit, in one sentence', () => {
    const choice = presetDistillation('autodidact-default', 64)
    expect(() => termWeights({ ...choice, labelWeights: [0.5, 1] }, 4)).toThrow(
      new RangeError('labelWeights has 2 numbers (0.5, 1); give one for each of 4 exits.')
    )
    for (const name of ['distillWeights', 'hintWeights'])
      expect(() => termWeights({ ...choice, [name]: [1, 1, 1, 0.5] }, 4)).toThrow(
        `${name} ends with 0.5; end it with 0`
      )
  })
})

it('has a norm of 0 for equal features', () => {
  const same: Matrix = zeros(2, 3)
  const loss = distillationLoss({
    logits: [zeros(2, 2), zeros(2, 2)],
    features: [same, same],
    labels: [0, 1],
    ...presetDistillation('byot-journal', 3),
    hintWeights: [1, 0]
  })
  expect(loss.hint).toEqual([0])
})
