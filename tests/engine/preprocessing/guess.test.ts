import { describe, expect, test } from 'vitest'
import { firstAlternatives, furtherAlternatives } from '../../../src-main/engine/preprocessing/alternatives.ts'
import { inputFor, ownScaling } from '../../../src-main/engine/preprocessing/input-form.ts'
import { labelOf, settlePreprocessing, type DataFacts } from '../../../src-main/engine/preprocessing/settle.ts'
import { isBetterThan, sentenceOf, warningOf } from '../../../src-main/engine/preprocessing/verdict.ts'
import { buildNetwork } from '../../../src-main/engine/model/build-network.ts'
import type { Network } from '../../../src-main/engine/model/layer.ts'
import { findNetwork } from '../../../src-shared/networks/find-network.ts'
import { graphNetwork } from './graphs.ts'

const cifar: DataFacts = {
  name: 'cifar10',
  shape: [32, 32, 3],
  mean: [0.49, 0.48, 0.45],
  deviation: [0.25, 0.24, 0.26]
}
const grey: DataFacts = { name: 'fashion-mnist', shape: [28, 28, 1], mean: [0.286], deviation: [0.353] }

const resnet = (form: 'cifar' | 'imagenet', { classes = 10, inputChannels = 3 } = {}): Network => {
  const member = findNetwork({ name: 'resnet18', width: 8, form })
  return buildNetwork({ member, width: 8, classes, inputChannels, exits: 'deepest' })
}
const guess = (network: Network, data: DataFacts = cifar) =>
  settlePreprocessing({ network, preprocessing: null, preprocessingSource: null }, data)

describe('the guess', () => {
  test('what somebody or the file says is no guess', () => {
    const preprocessing = { size: 32, mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] }
    const network = resnet('cifar')
    const said = settlePreprocessing({ network, preprocessing, preprocessingSource: 'said' }, cifar)
    expect(said).toMatchObject({ preprocessing, source: 'said', label: '0.5 and 0.5', isSure: true })
    const inFile = settlePreprocessing({ network, preprocessing, preprocessingSource: 'file' }, cifar)
    expect(inFile).toMatchObject({ preprocessing, source: 'file', isSure: true })
  })

  test('a network for small images takes the values of its data', () => {
    const { mean, deviation } = cifar
    expect(guess(resnet('cifar'))).toMatchObject({
      ...{ source: 'guessed', label: 'cifar10 means', isSure: false },
      preprocessing: { size: 32, mean, deviation }
    })
    expect(guess(resnet('cifar', { inputChannels: 1 }), grey).preprocessing).toEqual({
      ...{ size: 32, mean: [0.286], deviation: [0.353] }
    })
  })

  test('a stem for ImageNet takes 224 pixels, resized, and its means', () => {
    expect(guess(resnet('imagenet'))).toMatchObject({
      label: 'ImageNet means',
      preprocessing: { size: 224, fit: 'resize', mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] }
    })
    expect(guess(graphNetwork({ size: 224 })).label).toBe('ImageNet means')
    expect(guess(graphNetwork({ stride: 2 })).preprocessing.size).toBe(224)
    expect(guess(graphNetwork({ classes: 1000 }))).toMatchObject({ label: 'ImageNet means', isSure: true })
  })

  test('a graph that scales its images itself takes them as they are', () => {
    const bytes = guess(graphNetwork({ layout: 'NHWC', before: [['mul', [1 / 255]]] }))
    expect(bytes).toMatchObject({ label: 'plain 0 to 255', isSure: true })
    expect(bytes.preprocessing.deviation).toEqual([1 / 255, 1 / 255, 1 / 255])
    const unit = guess(
      graphNetwork({
        before: [
          ['sub', [0.485, 0.456, 0.406]],
          ['div', [0.229, 0.224, 0.225]]
        ]
      })
    )
    expect(unit).toMatchObject({ label: 'plain 0 to 1', isSure: true })
    // Keras without a scaling of its own.
    expect(guess(graphNetwork({ layout: 'NHWC' }))).toMatchObject({ label: 'plain 0 to 1', isSure: false })
  })

  test('a file that asks for a size gets it: resized where images are less than half of it, or larger', () => {
    expect(inputFor(graphNetwork({ size: 32 }), [28, 28, 1])).toEqual({ size: 32 })
    expect(inputFor(graphNetwork({ size: 28 }), [28, 28, 1])).toEqual({ size: 28 })
    expect(inputFor(graphNetwork({ size: 64 }), [32, 32, 3])).toEqual({ size: 64 })
    expect(inputFor(graphNetwork({ size: 65 }), [32, 32, 3])).toEqual({ size: 65, fit: 'resize' })
    expect(inputFor(graphNetwork({ size: 24 }), [32, 32, 3])).toEqual({ size: 24, fit: 'resize' })
  })
})

describe('a graph’s own scaling', () => {
  const scaling = (...before: NonNullable<Parameters<typeof graphNetwork>[0]>['before'] & object) =>
    ownScaling(graphNetwork({ before }).graph!)
  test.each([
    ['none', []],
    ['bytes', [['mul', [1 / 255]]]],
    [
      'bytes',
      [
        ['mul', [1 / 127.5]],
        ['add', [-1]]
      ]
    ],
    [
      'bytes',
      [
        ['sub', [125.3, 123, 113.9]],
        ['div', [63, 62.1, 66.7]]
      ]
    ],
    [
      'unit',
      [
        ['mul', [2]],
        ['sub', [1]]
      ]
    ],
    // Keras' Rescaling writes its offset even where it is none.
    [
      'bytes',
      [
        ['mul', [1 / 255]],
        ['add', [0]]
      ]
    ],
    // Nothing is known of a factor that is none.
    ['none', [['mul', [0]]]]
  ] as const)('%s', (expected, before) => {
    expect(scaling(...before.map(([op, data]): ['mul' | 'div' | 'add' | 'sub', number[]] => [op, [...data]]))).toBe(
      expected
    )
  })
})

test('Keras’ Normalization: by its variance, unless that is among the weights', () => {
  const scaling = (options: Parameters<typeof graphNetwork>[0]) => ownScaling(graphNetwork(options).graph!)
  expect(scaling({ variance: 64 ** 2 })).toBe('bytes')
  expect(scaling({ variance: 0.25 ** 2 })).toBe('unit')
  expect(scaling({ before: [['mul', [1 / 255]]], variance: 0.25 ** 2 })).toBe('bytes')
  expect(scaling({ variance: null })).toBe('unknown')
  expect(guess(graphNetwork({ variance: null }))).toMatchObject({ label: 'plain 0 to 255', isSure: false })
})

describe('the alternatives', () => {
  test('of colour images: what is set first, each only once', () => {
    const alternatives = firstAlternatives(guess(resnet('cifar')), cifar)
    expect(alternatives.map(({ label }) => label)).toEqual([
      ...['cifar10 means', 'CIFAR-10 means', 'CIFAR-100 means', 'ImageNet means', 'Caffe means, BGR'],
      ...['0.5 and 0.5', 'plain 0 to 1', 'plain 0 to 255']
    ])
    expect(alternatives.find(({ label }) => label === 'Caffe means, BGR')?.preprocessing.channelOrder).toBe('bgr')
  })

  test('of grey images', () => {
    const alternatives = firstAlternatives(guess(resnet('cifar', { inputChannels: 1 }), grey), grey)
    expect(alternatives.map(({ label }) => label)).toEqual([
      ...['fashion-mnist means', 'MNIST means', '0.5 and 0.5', 'plain 0 to 1', 'plain 0 to 255']
    ])
  })

  test('of the best: its colours the other way round, its images brought to size otherwise', () => {
    const small: DataFacts = { ...cifar, shape: [28, 28, 3] }
    const [first] = firstAlternatives(guess(resnet('cifar'), small), small)
    const further = furtherAlternatives(first!, [first!], small)
    expect(further.map(({ label }) => label)).toEqual(['cifar10 means, BGR', 'cifar10 means, resized'])
    const [reversed, resized] = further
    expect(reversed?.preprocessing.channelOrder).toBe('bgr')
    expect(resized?.preprocessing.fit).toBe('resize')
    expect(furtherAlternatives(first!, [first!, reversed!], small).map(({ label }) => label)).toEqual([
      'cifar10 means, resized'
    ])
  })

  test('are called by name wherever they came from', () => {
    const values = { size: 224, mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] }
    expect(labelOf(values, cifar)).toBe('ImageNet means')
    expect(labelOf({ ...values, channelOrder: 'bgr' }, cifar)).toBe('ImageNet means, BGR')
    expect(labelOf({ ...values, mean: [0.1, 0.2, 0.3] }, cifar)).toBe('values of its own')
  })
})

describe('the verdict', () => {
  const outcome = (label: string, right: number, isSet = false) => ({
    ...{ label, isSet, loss: 1, accuracy: right / 100, preprocessing: { size: 32, mean: [0], deviation: [1] } },
    isRight: Array.from({ length: 100 }, (_, index) => index < right)
  })

  test('says what was and what is best', () => {
    const ranked = [outcome('CIFAR-10 means', 78), outcome('plain 0 to 1', 50), outcome('x', 47, true)]
    expect(sentenceOf(ranked)).toBe('47 % as set, 78 % with CIFAR-10 means.')
    expect(sentenceOf([outcome('x', 78, true), outcome('y', 70)])).toBe(
      '78 % as set; none of 1 others is clearly better.'
    )
  })

  test('more than two standard errors of the answers that changed are no luck', () => {
    // 5 gained and none lost: 5 > 2 sqrt(5) = 4.47; 4 gained: 4 = 2 sqrt(4).
    expect(isBetterThan(outcome('a', 55), outcome('b', 50))).toBe(true)
    expect(isBetterThan(outcome('a', 54), outcome('b', 50))).toBe(false)
    expect(isBetterThan(outcome('a', 50), outcome('b', 55))).toBe(false)
  })

  test('warns near chance', () => {
    expect(warningOf(0.131, 10, 900)).toBe('')
    expect(warningOf(0.12, 10, 900)).toBe(
      'Even the best is near chance (12 %, guessing gives 10 %): its classes may be in another order, or the images others than it was trained on.'
    )
  })
})
