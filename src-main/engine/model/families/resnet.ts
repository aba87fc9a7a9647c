import type { Exit, Layer, Network } from '../layer.ts'
import { bottleneckHead } from '../exit-head.ts'

/** Depths that can be built, with their block and the number of blocks per stage (He et al. 2016, table 1). */
export const resnetDepths = {
  18: { block: 'basic', counts: [2, 2, 2, 2] },
  34: { block: 'basic', counts: [3, 4, 6, 3] },
  50: { block: 'bottleneck', counts: [3, 4, 6, 3] }
} as const
export type ResnetDepth = keyof typeof resnetDepths
export const isResnetDepth = (depth: number): depth is ResnetDepth => Object.hasOwn(resnetDepths, depth)

/** Channels of the deepest features over those of the first stage's width. */
export const expansionOf = (depth: ResnetDepth): number => (resnetDepths[depth].block === 'basic' ? 1 : 4)

export type ResnetOptions = {
  depth: ResnetDepth
  /** Channels of the first stage, 64 in the paper. */
  width: number
  classes: number
  inputChannels: number
  /** `all` hangs an exit on every stage, `deepest` leaves the last one only. */
  exits: 'all' | 'deepest'
}

/** ResNet in its CIFAR form (3x3 stem, no max-pooling), with the tensor names of the public `luanyunteng` code. */
export function resnet({ depth, width, classes, inputChannels, exits }: ResnetOptions): Network {
  const expansion = expansionOf(depth)
  const features = 8 * width * expansion
  let channels = width
  const stages = resnetDepths[depth].counts.map((count, stage) =>
    Array.from({ length: count }, (_, block) => {
      const planes = width << stage
      const stride = stage > 0 && block === 0 ? 2 : 1
      const name = `layer${stage + 1}.${block}`
      const layer = residualBlock(name, depth, channels, planes, stride)
      channels = planes * expansion
      return layer
    })
  )
  const shallow: Exit[] = [1, 2, 3].map((exit) => ({
    exit,
    head: bottleneckHead(`bottleneck${exit}_1`, (width << (exit - 1)) * expansion, features, 2 ** (4 - exit)),
    classifier: { kind: 'linear', name: `middle_fc${exit}`, inFeatures: features, outFeatures: classes }
  }))
  const deepest: Exit = {
    exit: 4,
    head: [],
    classifier: { kind: 'linear', name: 'fc', inFeatures: features, outFeatures: classes }
  }
  return {
    family: 'ResNet',
    depth,
    width,
    heads: exits === 'all' ? 'bottleneck' : 'none',
    classes,
    inputChannels,
    stem: unit('conv1', 'bn1', inputChannels, width, 3, 1, true),
    stages,
    exits: exits === 'all' ? [...shallow, deepest] : [deepest]
  }
}

function residualBlock(name: string, depth: ResnetDepth, from: number, planes: number, stride: number): Layer {
  const to = planes * expansionOf(depth)
  const inner = (index: number, a: number, b: number, kernel: number, s: number, relu: boolean) =>
    unit(`${name}.conv${index}`, `${name}.bn${index}`, a, b, kernel, s, relu)
  const body =
    resnetDepths[depth].block === 'basic'
      ? [...inner(1, from, planes, 3, stride, true), ...inner(2, planes, planes, 3, 1, false)]
      : [
          ...inner(1, from, planes, 1, 1, true),
          ...inner(2, planes, planes, 3, stride, true),
          ...inner(3, planes, to, 1, 1, false)
        ]
  const changesShape = stride !== 1 || from !== to
  const shortcut = changesShape ? unit(`${name}.downsample.0`, `${name}.downsample.1`, from, to, 1, stride, false) : []
  return { kind: 'residual', body, shortcut }
}

function unit(
  convolution: string,
  norm: string,
  inChannels: number,
  outChannels: number,
  kernel: number,
  stride: number,
  relu: boolean
): Layer[] {
  const layers: Layer[] = [
    {
      kind: 'convolution',
      name: convolution,
      inChannels,
      outChannels,
      kernel,
      stride,
      padding: (kernel - 1) / 2,
      bias: false
    },
    { kind: 'batchNorm', name: norm, channels: outChannels }
  ]
  return relu ? [...layers, { kind: 'relu' }] : layers
}
