import { describe, expect, test } from 'vitest'
import { follow } from '../../../src-main/engine/model/follow.ts'
import { buildHead, deepestClassifier, type HeadChoice } from '../../../src-main/engine/model/heads/head.ts'
import { weightedLayers, type Layer } from '../../../src-main/engine/model/layer.ts'
import { headProblem } from '../../../src-shared/networks/check-spec.ts'
import { networkNamed } from '../../helpers/networks.ts'

/** A head on features of 16 x 16 pixels and 8 channels; the deepest are 32 channels on 4 x 4. */
const options = {
  from: 8,
  to: 32,
  ratio: 4,
  way: [
    { channels: 16, ratio: 2 },
    { channels: 32, ratio: 2 }
  ]
}
const before = { size: 16, channels: 8 }
const build = (choice: Partial<HeadChoice> & Pick<HeadChoice, 'head'>, changed = {}) =>
  buildHead({ width: undefined, attention: true, ...choice }, 2, { ...options, ...changed })
const convolutions = (layers: Layer[]) =>
  [...weightedLayers(layers)].flatMap((layer) =>
    layer.kind === 'batchNorm'
      ? []
      : [`${layer.name} ${layer.inChannels}>${layer.outChannels} k${layer.kernel} s${layer.stride}`]
  )

describe('the head', () => {
  test('bottleneck: a quarter of the deepest channels, one kernel that is its own stride', () => {
    const { layers, classifier } = build({ head: 'bottleneck' })
    expect(convolutions(layers)).toEqual([
      'bottleneck2_1.0 8>8 k1 s1',
      'bottleneck2_1.3 8>8 k4 s4',
      'bottleneck2_1.6 8>32 k1 s1'
    ])
    expect(classifier).toBe('middle_fc2')
    expect(follow(layers, before)).toEqual({ size: 4, channels: 32 })
    expect(convolutions(build({ head: 'bottleneck', width: 5 }).layers)[1]).toBe('bottleneck2_1.3 5>5 k4 s4')
    expect(convolutions(build({ head: 'bottleneck' }, { to: 3 }).layers)[2]).toBe('bottleneck2_1.6 1>3 k1 s1')
  })

  test('bottleneck-steps: a 3x3 convolution for each halving', () => {
    const { layers } = build({ head: 'bottleneck-steps' })
    expect(convolutions(layers)).toEqual([
      'bottleneck2_1.0 8>8 k1 s1',
      'bottleneck2_1.3 8>8 k3 s2',
      'bottleneck2_1.6 8>8 k3 s2',
      'bottleneck2_1.9 8>32 k1 s1'
    ])
    expect(follow(layers, before)).toEqual({ size: 4, channels: 32 })
  })

  test('sepconv: a piece for each later stage, with its channels, behind a mask', () => {
    const { layers, classifier } = build({ head: 'sepconv' })
    expect(layers[0]).toMatchObject({ kind: 'gate' })
    expect(convolutions(layers.slice(1))).toEqual([
      'scala2.0.op.0 8>8 k3 s2',
      'scala2.0.op.1 8>8 k1 s1',
      'scala2.0.op.4 8>8 k3 s1',
      'scala2.0.op.5 8>16 k1 s1',
      'scala2.1.op.0 16>16 k3 s2',
      'scala2.1.op.1 16>16 k1 s1',
      'scala2.1.op.4 16>16 k3 s1',
      'scala2.1.op.5 16>32 k1 s1'
    ])
    expect(classifier).toBe('fc2')
    expect(follow(layers, before)).toEqual({ size: 4, channels: 32 })
    expect(build({ head: 'sepconv', attention: false }).layers).toEqual(layers.slice(1))
  })

  test('sepconv over a stage of a quarter and one of the same size', () => {
    const way = [
      { channels: 16, ratio: 4 },
      { channels: 32, ratio: 1 }
    ]
    const { layers } = build({ head: 'sepconv', attention: false }, { way })
    expect(convolutions(layers).filter((text) => text.includes('k3'))).toEqual([
      'scala2.0.op.0 8>8 k3 s2',
      'scala2.0.op.4 8>8 k3 s1',
      'scala2.1.op.0 8>8 k3 s2',
      'scala2.1.op.4 8>8 k3 s1',
      'scala2.2.op.0 16>16 k3 s1',
      'scala2.2.op.4 16>16 k3 s1'
    ])
    expect(follow(layers, before)).toEqual({ size: 4, channels: 32 })
  })

  test('scan: 128 wide, a mask through a transposed convolution', () => {
    const { layers, classifier } = build({ head: 'scan' })
    expect(convolutions(layers)).toEqual([
      'attention2.0 8>8 k3 s2',
      'attention2.3 8>8 k4 s2',
      'scala2.0 8>128 k1 s1',
      'scala2.3 128>128 k4 s4',
      'scala2.6 128>32 k1 s1'
    ])
    expect(classifier).toBe('fc2')
    expect(follow(layers, before)).toEqual({ size: 4, channels: 32 })
  })

  test('linear: nothing', () => expect(build({ head: 'linear' })).toEqual({ layers: [], classifier: 'middle_fc2' }))

  test.each([15, 1])('a mask needs an even side, not %i', (size) =>
    expect(() => follow(build({ head: 'scan' }).layers, { size, channels: 8 })).toThrow(
      `An attention mask needs features of an even side, not ${size} pixels.`
    )
  )

  test('the deepest classifier is named as the public code names it beside such heads', () => {
    const names = (['bottleneck', 'bottleneck-steps', 'linear', 'none', 'sepconv', 'scan'] as const).map((head) =>
      deepestClassifier(head, 4)
    )
    expect(names).toEqual(['fc', 'fc', 'fc', 'fc', 'fc4', 'fc4'])
    const network = networkNamed({ name: 'cnn', width: 2, classes: 3, inputChannels: 1, exits: 'all', head: 'scan' })
    expect(network.heads).toBe('scan')
    expect(network.exits.at(-1)).toMatchObject({ exit: 3, head: [], classifier: { name: 'fc3', inFeatures: 8 } })
  })
})

test.each([
  ['linear', 7, 3, null],
  ['bottleneck', 12, 4, null],
  ['scan', 12, 4, null],
  ['sepconv', 8, 8, null],
  ['sepconv', 12, 4, 'the head sepconv halves features, but 12 pixels are 3 times the deepest 4'],
  ['bottleneck-steps', 12, 4, 'the head bottleneck-steps halves features, but 12 pixels are 3 times the deepest 4'],
  ['bottleneck', 7, 3, "the head bottleneck can't bring features of 7 x 7 pixels to the deepest 3 x 3"],
  ['bottleneck', 4, 8, "the head bottleneck can't bring features of 4 x 4 pixels to the deepest 8 x 8"]
] as const)('%s from %i to %i pixels', (head, size, target, message) =>
  expect(headProblem(head, size, target)).toBe(message)
)
