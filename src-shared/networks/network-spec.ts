import { z } from 'zod'

const whole = z.number().int()
const channels = whole.min(1).max(8192)
const stride = whole.min(1).max(4)
const kernel = whole.min(1).max(15)

const common = {
  /** The tensors' names begin with it; by default with the block's place, for instance `layer2.0`. */
  name: z
    .string()
    .regex(/^[A-Za-z]\w*(\.\w+)*$/, 'a name has letters, digits and _, parted by dots')
    .optional(),
  /** How often the block comes, the first time with its stride, then with stride 1. */
  repeat: whole.min(1).max(200).optional()
}

/** The blocks that networks are made of; channels are those that a block gives. */
export const blockSchema = z.discriminatedUnion('block', [
  z.strictObject({
    block: z.literal('convolution'),
    ...common,
    channels,
    /** Side of the square kernel, 3 by default. */
    kernel: kernel.optional(),
    stride: stride.optional(),
    /** Zero pixels on every side, by default (kernel - 1) / 2. */
    padding: whole.min(0).max(7).optional(),
    /** Groups that channels are cut into, 1 by default. */
    groups: whole.min(1).optional(),
    bias: z.boolean().optional(),
    /** BatchNorm after the convolution, by default yes. */
    norm: z.boolean().optional(),
    normName: common.name,
    /** ReLU at the end, by default yes. */
    relu: z.boolean().optional()
  }),
  /** Two 3x3 convolutions around a shortcut (He et al. 2016, figure 5 left). */
  z.strictObject({ block: z.literal('basic'), ...common, channels, stride: stride.optional() }),
  /** 1x1, 3x3, 1x1 convolutions around a shortcut (He et al. 2016, figure 5 right); with groups ResNeXt's. */
  z.strictObject({
    block: z.literal('bottleneck'),
    ...common,
    channels,
    /** Channels of the 3x3 convolution. */
    inner: channels,
    groups: whole.min(1).optional(),
    stride: stride.optional()
  }),
  /** BatchNorm and ReLU before each of two 3x3 convolutions (Zagoruyko and Komodakis 2016). */
  z.strictObject({ block: z.literal('preactivation'), ...common, channels, stride: stride.optional() }),
  /** PyramidNet's block, its shortcut padded with zero channels (Han et al. 2017); with `inner` its bottleneck. */
  z.strictObject({
    block: z.literal('pyramid'),
    ...common,
    channels,
    inner: channels.optional(),
    stride: stride.optional()
  }),
  /** A 3x3 convolution of each channel, then a 1x1 convolution (Howard et al. 2017). */
  z.strictObject({ block: z.literal('separable'), ...common, channels, stride: stride.optional() }),
  /** 1x1 convolution, then 1x1 and 3x3 side by side (Iandola et al. 2016). */
  z.strictObject({
    block: z.literal('fire'),
    ...common,
    squeeze: channels,
    expand1x1: channels,
    expand3x3: channels,
    /** BatchNorm after each convolution in place of its bias, by default no. */
    norm: z.boolean().optional()
  }),
  z.strictObject({
    block: z.literal('max-pool'),
    kernel: kernel.optional(),
    stride: stride.optional(),
    padding: whole.min(0).max(7).optional(),
    /** Whether a window may reach over the far edge. */
    ceil: z.boolean().optional()
  }),
  z.strictObject({ block: z.literal('average-pool'), kernel: kernel.optional() }),
  /** BatchNorm and ReLU, as behind the last of the blocks that begin with them. */
  z.strictObject({ block: z.literal('normalization'), ...common })
])
export type BlockSpec = z.infer<typeof blockSchema>

/** Exit heads: what brings a stage's features to the shape of the deepest ones. */
export const headNames = ['bottleneck', 'bottleneck-steps', 'sepconv', 'scan', 'linear'] as const
export type HeadName = (typeof headNames)[number]

const head = {
  head: z.enum(headNames).optional(),
  /** Channels inside `bottleneck` and `scan`. */
  width: channels.optional(),
  /** A mask before `sepconv` and `scan`, by default yes. */
  attention: z.boolean().optional()
}

/**
 * A network as data: what lies before the first stage, the stages, and the exits. An exit hangs on every stage where
 * `exits` does not say on which; the last stage always has the deepest one, which needs no head.
 */
export const networkSpecSchema = z.strictObject({
  name: z.string().trim().min(1).max(60),
  /** Channels of the first stage: a run of another width scales all channels by the quotient. */
  width: channels.optional(),
  stem: z.array(blockSchema).max(20).optional(),
  stages: z.array(z.array(blockSchema).min(1).max(100)).min(1).max(12),
  exits: z.array(z.strictObject({ stage: whole.min(1).max(12), ...head })).optional()
})
export type NetworkSpec = z.infer<typeof networkSpecSchema>

/** The channels that blocks give, from those that they get. */
export function channelsAfter(blocks: readonly BlockSpec[], before: number): number {
  return blocks.reduce((at, block) => {
    if (block.block === 'fire') return block.expand1x1 + block.expand3x3
    return 'channels' in block ? block.channels : at
  }, before)
}

/** Channels after the stem and after each stage. */
export const stageChannels = (spec: NetworkSpec, inputChannels: number): number[] =>
  spec.stages.reduce(
    (list, blocks) => [...list, channelsAfter(blocks, list.at(-1)!)],
    [channelsAfter(spec.stem ?? [], inputChannels)]
  )

/** A network with all its channels times `factor`, rounded, one at least; groups stay. */
export function scaleChannels(spec: NetworkSpec, factor: number): NetworkSpec {
  const scaled = (value: number, groups = 1): number => groups * Math.max(1, Math.round((value * factor) / groups))
  const scaleBlock = (block: BlockSpec): BlockSpec => {
    switch (block.block) {
      case 'convolution':
        return { ...block, channels: scaled(block.channels, block.groups) }
      case 'bottleneck':
        return { ...block, channels: scaled(block.channels), inner: scaled(block.inner, block.groups) }
      case 'pyramid':
        return {
          ...block,
          channels: scaled(block.channels),
          ...(block.inner === undefined ? {} : { inner: scaled(block.inner) })
        }
      case 'basic':
      case 'preactivation':
      case 'separable':
        return { ...block, channels: scaled(block.channels) }
      case 'fire':
        return {
          ...block,
          squeeze: scaled(block.squeeze),
          expand1x1: scaled(block.expand1x1),
          expand3x3: scaled(block.expand3x3)
        }
      default:
        return block
    }
  }
  return {
    ...spec,
    ...(spec.stem ? { stem: spec.stem.map(scaleBlock) } : {}),
    stages: spec.stages.map((blocks) => blocks.map(scaleBlock))
  }
}
