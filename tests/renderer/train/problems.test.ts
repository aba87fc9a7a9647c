import { describe, expect, it } from 'vitest'
import { describeRefusal, findProblem, imagesOf } from '../../../src-renderer/train/problems.ts'
import { trainPresets } from '../../../src-renderer/train/presets.ts'
import { buildRunConfig, type TrainOptions } from '../../../src-shared/train-options.ts'

const dataset = { name: 'small', trainCount: 1200 }
const problemOf = (options: TrainOptions) => findProblem(buildRunConfig(options), dataset)
const refusalOf = (options: TrainOptions) => {
  try {
    buildRunConfig(options)
    return 'none'
  } catch (error) {
    return describeRefusal(error)
  }
}

describe('what cannot be trained', () => {
  it.each<[string, TrainOptions]>([
    ['The learning rate must be more than 0.', { lr: 0 }],
    ['The temperature must be more than 0.', { temperature: 0 }],
    ['The number of epochs must be at least 1.', { epochs: 0 }],
    ['The batch size must be at least 2.', { batchSize: 1 }],
    ['The label noise must be at most 1.', { labelNoise: 2 }],
    ['The momentum must be less than 1.', { momentum: 1 }],
    ['The epochs of the schedule must be more than 0.', { schedule: 'step', milestones: [0] }]
  ])('%s', (sentence, options) => expect(refusalOf(options)).toBe(sentence))

  it.each<[string, TrainOptions]>([
    ['1,201 images are more than the 1,200 that small has; take fewer.', { limit: 1201 }],
    ['Two images at least are needed to train on.', { limit: 1 }],
    [
      'The learning rate would fall after epoch 30, but training ends after 20; give an earlier one.',
      { schedule: 'step', milestones: [10, 30], epochs: 20 }
    ],
    [
      'The schedule has no epoch at which the learning rate falls; give one, or choose a constant rate.',
      { schedule: 'step', milestones: [] }
    ]
  ])('%s', (sentence, options) => expect(problemOf(options)).toBe(sentence))

  it('lets through what fits', () => {
    expect(problemOf({ limit: 1200 })).toBe('')
    expect(problemOf({ recipe: 'byot', epochs: 1 })).toBe('')
    expect(findProblem(buildRunConfig({ limit: 1e6 }), undefined)).toBe('')
  })

  it('is no preset', () => {
    for (const { options } of trainPresets)
      expect(findProblem(buildRunConfig(options), { name: 'fashion-mnist', trainCount: 60_000 })).toBe('')
  })
})

describe('imagesOf', () => {
  it('takes the limit, less what is held out', () => {
    expect(imagesOf(buildRunConfig({}), 1200)).toBe(1200)
    expect(imagesOf(buildRunConfig({ limit: 500, validation: 0.1 }), 1200)).toBe(450)
  })
})
