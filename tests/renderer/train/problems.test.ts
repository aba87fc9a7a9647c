import { describe, expect, it } from 'vitest'
import { describeRefusal, findProblem, imagesOf, inFormWords } from '../../../src-renderer/train/problems.ts'
import { trainStarts } from '../../../src-renderer/train/presets.ts'
import { methodNames } from '../../../src-shared/run-config.ts'
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
    ['The radius of SAM must be at most 10.', { sam: 11 }],
    ['The label smoothing must be at most 0.9.', { labelSmoothing: 1 }],
    ['The width of the heads must be at least 1.', { headWidth: 0 }],
    ['The number of rounds must be at most 50.', { method: 'self-distillation-rounds', rounds: 51 }],
    ['The weight of the other network must be at least 0.', { method: 'mutual-learning', methodWeight: -1 }],
    ['The list of hint weights has 12 at most.', { hintWeights: Array.from({ length: 13 }, () => 0) }],
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

  it('is no start', () => {
    for (const { options } of trainStarts)
      expect(findProblem(buildRunConfig(options), { name: 'fashion-mnist', trainCount: 60_000 })).toBe('')
  })
})

describe('imagesOf', () => {
  it('takes the limit, less what is held out', () => {
    expect(imagesOf(buildRunConfig({}), 1200)).toBe(1200)
    expect(imagesOf(buildRunConfig({ limit: 500, validation: 0.1 }), 1200)).toBe(450)
  })
})

describe('inFormWords', () => {
  it.each([
    [
      'labelWeights has 3 numbers (1, 1, 1); give one for each of 4 exits.',
      'The list of label weights has 3 numbers (1, 1, 1); give one for each of 4 exits.'
    ],
    [
      '--head-width is of exits that kd does not train; leave it out.',
      'The head width is of exits that kd does not train; leave it out.'
    ],
    ['--method kd needs --teacher.', 'The method kd needs the teacher.'],
    ['The teacher knows 10 classes.', 'The teacher knows 10 classes.']
  ])('%s', (sentence, plain) => expect(inFormWords(sentence)).toBe(plain))

  it('is free of flags whatever method and options come together', () => {
    const options: TrainOptions[] = [
      { preset: 'scan' },
      { hintOn: 'maps' },
      { labelWeights: [1] },
      { teacher: '/a' },
      { labelWeight: 1 },
      { methodWeight: 1 },
      { teacherStage: 2 },
      { rounds: 2 },
      { roundLoss: 'l2' },
      { head: 'scan' },
      { headWidth: 4 },
      { attention: true },
      { milestones: [1] },
      { factor: 0.5 }
    ]
    for (const method of methodNames)
      for (const option of options) expect(refusalOf({ method, ...option })).not.toMatch(/--|undefined/)
  })
})
