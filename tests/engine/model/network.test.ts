import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { recognize } from '../../../src-main/engine/checkpoint/recognition/recognize.ts'
import { initialWeights } from '../../../src-main/engine/model/initialize.ts'
import { resnet } from '../../helpers/networks.ts'
import { tensorSpecs } from '../../../src-main/engine/model/tensor-specs.ts'

const options = fc.record({
  depth: fc.constantFrom(18, 34, 50, 101, 152),
  width: fc.integer({ min: 1, max: 3 }),
  classes: fc.integer({ min: 2, max: 20 }),
  inputChannels: fc.integer({ min: 1, max: 4 }),
  exits: fc.constantFrom('all' as const, 'deepest' as const)
})

describe('a ResNet', () => {
  test('is recognised by the names and shapes of its own tensors', () => {
    fc.assert(
      fc.property(options, (chosen) => {
        const network = resnet(chosen)
        const tensors = new Map(tensorSpecs(network).map(({ name, shape }) => [name, { shape }]))
        expect(recognize(tensors, null)).toEqual({ network, misfit: null })
      }),
      { numRuns: 30 }
    )
  })

  test('is not recognised in foreign tensors', () => {
    expect(recognize(new Map([['conv1.weight', { shape: [8, 3, 3, 3] }]]), null).network).toBeNull()
    expect(recognize(new Map([['__proto__', { shape: [1] }]]), null).network).toBeNull()
    const oddBlocks = new Map([
      ['conv1.weight', { shape: [8, 3, 3, 3] }],
      ['fc.weight', { shape: [10, 64] }],
      ['layer1.0.conv1.weight', { shape: [8, 8, 3, 3] }]
    ])
    expect(recognize(oddBlocks, null).network).toBeNull()
  })

  test('begins with weights that depend on seed and name alone, as wide as He et al. ask', () => {
    const small = resnet({ depth: 18, width: 4, classes: 10, inputChannels: 1, exits: 'all' })
    const deepest = resnet({ depth: 18, width: 4, classes: 10, inputChannels: 1, exits: 'deepest' })
    const [first, again, other] = [initialWeights(small, 1), initialWeights(deepest, 1), initialWeights(small, 2)]
    const name = 'layer4.1.conv2.weight'
    expect(again.get(name)).toEqual(first.get(name))
    expect(other.get(name)).not.toEqual(first.get(name))
    const { data, shape } = first.get(name)!
    const deviation = Math.sqrt(data.reduce((sum, value) => sum + value ** 2, 0) / data.length)
    expect(deviation / Math.sqrt(2 / (shape[0]! * 9))).toBeCloseTo(1, 1)
    expect([...first.get('bn1.weight')!.data]).toEqual([1, 1, 1, 1])
  })
})
