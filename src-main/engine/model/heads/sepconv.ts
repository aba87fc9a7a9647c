import { batchNorm, convolution, relu } from '../blocks/unit.ts'
import type { Layer } from '../layer.ts'
import type { HeadOptions } from './head.ts'

/**
 * One separable piece of the journal version's public code: depthwise and 1x1 convolutions twice, BatchNorm and ReLU after
 * each pair. The numbers in the names are PyTorch's.
 */
function separable(name: string, from: number, to: number, stride: number): Layer[] {
  const pair = (index: number, out: number, step: number): Layer[] => [
    convolution(`${name}.op.${index}`, from, from, { kernel: 3, stride: step, groups: from }),
    convolution(`${name}.op.${index + 1}`, from, out, { kernel: 1 }),
    batchNorm(`${name}.op.${index + 2}`, out),
    relu
  ]
  return [...pair(0, from, stride), ...pair(4, to, 1)]
}

/** Separable pieces that halve the features step by step, with the channels of the stages on the way. */
export function sepconvLayers(name: string, { from, way }: HeadOptions): Layer[] {
  let channels = from
  let piece = 0
  return way.flatMap(({ channels: to, ratio }) => {
    const halvings = Math.max(1, Math.round(Math.log2(ratio)))
    return Array.from({ length: halvings }, (_, step) => {
      const out = step === halvings - 1 ? to : channels
      const layers = separable(`${name}.${piece}`, channels, out, ratio > 1 ? 2 : 1)
      channels = out
      piece += 1
      return layers
    }).flat()
  })
}

/** The journal version's mask: one separable piece at half the size, BatchNorm, ReLU, doubled, sigmoid. */
export const sepconvMask = (name: string, channels: number): Layer => ({
  kind: 'gate',
  mask: [
    ...separable(`${name}.0`, channels, channels, 2),
    batchNorm(`${name}.1`, channels),
    relu,
    { kind: 'upsample' },
    { kind: 'sigmoid' }
  ]
})

/** SCAN's mask: a 3x3 convolution to half the size and a transposed one back (Zhang et al., public code). */
export const scanMask = (name: string, channels: number): Layer => ({
  kind: 'gate',
  mask: [
    convolution(`${name}.0`, channels, channels, { kernel: 3, stride: 2, bias: true }),
    batchNorm(`${name}.1`, channels),
    relu,
    {
      kind: 'transposedConvolution',
      name: `${name}.3`,
      inChannels: channels,
      outChannels: channels,
      kernel: 4,
      stride: 2,
      padding: 1,
      bias: true
    },
    batchNorm(`${name}.4`, channels),
    { kind: 'sigmoid' }
  ]
})
