import type { Layer } from './layer.ts'

/**
 * Bottleneck head: 1x1, k x k with stride k, 1x1 convolutions, each with bias, BatchNorm and ReLU, a quarter of
 * `outChannels` wide ('Be Your Own Teacher', public code). The numbers in the names are PyTorch's of an nn.Sequential.
 */
export function bottleneckHead(name: string, inChannels: number, outChannels: number, kernel: number): Layer[] {
  const middle = Math.max(1, Math.floor(outChannels / 4))
  const unit = (index: number, from: number, to: number, k: number): Layer[] => [
    {
      kind: 'convolution',
      name: `${name}.${index}`,
      inChannels: from,
      outChannels: to,
      kernel: k,
      stride: k,
      padding: 0,
      bias: true
    },
    { kind: 'batchNorm', name: `${name}.${index + 1}`, channels: to },
    { kind: 'relu' }
  ]
  return [...unit(0, inChannels, middle, 1), ...unit(3, middle, middle, kernel), ...unit(6, middle, outChannels, 1)]
}
