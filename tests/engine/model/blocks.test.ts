import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { buildBlocks } from '../../../src-main/engine/model/blocks/build-blocks.ts'
import { follow } from '../../../src-main/engine/model/follow.ts'
import { partsOf, weightedLayers, type Layer } from '../../../src-main/engine/model/layer.ts'
import { sizeAfter, windowsOf } from '../../../src-shared/networks/check-spec.ts'
import { channelsAfter, scaleChannels, type BlockSpec } from '../../../src-shared/networks/network-spec.ts'

const names = (layers: Layer[]): string[] => [...weightedLayers(layers)].map(({ name }) => name)
const build = (blocks: BlockSpec[], channels = 4) => buildBlocks(blocks, 'layer1', channels)

const channels = fc.integer({ min: 4, max: 9 })
const anyBlock: fc.Arbitrary<BlockSpec> = fc.oneof(
  fc.record({
    block: fc.constant('convolution' as const),
    channels,
    kernel: fc.constantFrom(1, 2, 3, 5),
    stride: fc.constantFrom(1, 2),
    padding: fc.constantFrom(0, 1, 2),
    repeat: fc.constantFrom(1, 2)
  }),
  ...(['basic', 'preactivation', 'separable'] as const).map((block) =>
    fc.record({ block: fc.constant(block), channels, stride: fc.constantFrom(1, 2), repeat: fc.constantFrom(1, 2) })
  ),
  fc.record({
    block: fc.constant('bottleneck' as const),
    channels,
    inner: fc.constantFrom(2, 4),
    groups: fc.constantFrom(1, 2),
    stride: fc.constantFrom(1, 2)
  }),
  fc.record({ block: fc.constant('pyramid' as const), channels: fc.constant(9), stride: fc.constantFrom(1, 2) }),
  fc.record({ block: fc.constant('fire' as const), squeeze: channels, expand1x1: channels, expand3x3: channels }),
  fc.record({ block: fc.constant('max-pool' as const), kernel: fc.constantFrom(2, 3), ceil: fc.boolean() }),
  fc.record({ block: fc.constant('average-pool' as const), kernel: fc.constantFrom(2, 3) }),
  fc.record({ block: fc.constant('normalization' as const) })
)

test('blocks give what their descriptions say, and ways around them fit', () => {
  fc.assert(
    fc.property(anyBlock, fc.constantFrom(6, 9, 16), (block, size) => {
      const { layers, channels: to } = build([block])
      const expected = { size: sizeAfter(block, size), channels: channelsAfter([block], 4) }
      fc.pre(expected.size >= 1)
      expect(to).toBe(expected.channels)
      // Averages leave out what is over, a pyramid's convolutions don't.
      if (block.block === 'pyramid' && block.stride === 2 && size % 2 === 1) {
        expect(() => follow(layers, { size, channels: 4 })).toThrow("Images of this size don't fit: a block makes 5")
        return
      }
      const seen = follow(layers, { size, channels: 4 }, (layer, from, after) => {
        if (layer.kind !== 'residual') return
        const [body, shortcut] = partsOf(layer).map((part) => follow(part, from))
        expect(shortcut).toEqual(body)
        expect(after).toEqual(body)
      })
      expect(seen).toEqual(expected)
    }),
    { numRuns: 300 }
  )
})

describe('names', () => {
  test('come from the place, of what has weights', () =>
    expect(
      names(
        build([{ block: 'max-pool' }, { block: 'convolution', channels: 4, repeat: 2 }, { block: 'normalization' }])
          .layers
      )
    ).toEqual(['layer1.0.conv', 'layer1.0.bn', 'layer1.1.conv', 'layer1.1.bn', 'layer1.2.bn']))

  test('are those given; a number follows where a block comes again', () => {
    expect(names(build([{ block: 'convolution', channels: 4, name: 'stem' }]).layers)).toEqual(['stem', 'stem_bn'])
    expect(names(build([{ block: 'convolution', channels: 4, name: 'a', normName: 'b' }]).layers)).toEqual(['a', 'b'])
    expect(names(build([{ block: 'convolution', channels: 4, name: 'a', norm: false }]).layers)).toEqual(['a'])
    expect(names(build([{ block: 'convolution', channels: 4, name: 'a', repeat: 2 }]).layers)).toEqual([
      'a.0.conv',
      'a.0.bn',
      'a.1.conv',
      'a.1.bn'
    ])
    expect(names(build([{ block: 'normalization', name: 'last' }]).layers)).toEqual(['last'])
  })

  test('a shortcut has weights where the shape changes only', () => {
    const shortcuts = (block: BlockSpec) =>
      names(build([block]).layers).filter((name) => /downsample|shortcut/.test(name))
    expect(shortcuts({ block: 'basic', channels: 4 })).toEqual([])
    expect(shortcuts({ block: 'basic', channels: 5 })).toEqual(['layer1.0.downsample.0', 'layer1.0.downsample.1'])
    expect(shortcuts({ block: 'basic', channels: 4, stride: 2, repeat: 3 })).toHaveLength(2)
    expect(shortcuts({ block: 'preactivation', channels: 4 })).toEqual([])
    expect(shortcuts({ block: 'preactivation', channels: 4, stride: 2 })).toEqual(['layer1.0.shortcut'])
    expect(shortcuts({ block: 'pyramid', channels: 8, stride: 2 })).toEqual([])
  })
})

test('a window over the far edge begins within the image or its padding, as PyTorch has it', () => {
  const windows = { kernel: 3, stride: 2, padding: 0 }
  expect([5, 6, 7, 8].map((size) => windowsOf(size, windows))).toEqual([2, 2, 3, 3])
  expect([5, 6, 7, 8].map((size) => windowsOf(size, { ...windows, ceil: true }))).toEqual([2, 3, 3, 4])
  expect(windowsOf(3, { kernel: 1, stride: 2, padding: 0, ceil: true })).toBe(2)
  expect(windowsOf(4, { kernel: 1, stride: 4, padding: 0, ceil: true })).toBe(1)
})

test('scaled channels are whole, one at least, and as many of each group', () => {
  const spec = {
    name: 'x',
    stem: [{ block: 'convolution' as const, channels: 10, groups: 5 }],
    stages: [
      [
        { block: 'bottleneck' as const, channels: 40, inner: 8, groups: 4 },
        { block: 'fire' as const, squeeze: 1, expand1x1: 6, expand3x3: 7 },
        { block: 'pyramid' as const, channels: 30, inner: 5 },
        { block: 'max-pool' as const, kernel: 3 }
      ]
    ]
  }
  expect(scaleChannels(spec, 0.5)).toEqual({
    name: 'x',
    stem: [{ block: 'convolution', channels: 5, groups: 5 }],
    stages: [
      [
        { block: 'bottleneck', channels: 20, inner: 4, groups: 4 },
        { block: 'fire', squeeze: 1, expand1x1: 3, expand3x3: 4 },
        { block: 'pyramid', channels: 15, inner: 3 },
        { block: 'max-pool', kernel: 3 }
      ]
    ]
  })
  expect(scaleChannels(spec, 0.01).stages[0]![0]).toMatchObject({ channels: 1, inner: 4 })
})
