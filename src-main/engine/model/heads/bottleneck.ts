import { unit } from '../blocks/unit.ts'
import type { Layer } from '../layer.ts'
import type { HeadOptions } from './head.ts'

/**
 * Bottleneck head: 1x1, k x k with stride k, 1x1 convolutions, each with bias, BatchNorm and ReLU ('Be Your Own Teacher',
 * public code). The numbers in the names are PyTorch's of an nn.Sequential.
 */
export function bottleneckLayers(name: string, options: HeadOptions, middle: number): Layer[] {
  const { from, to, ratio } = options
  return [
    ...numbered(name, 0, from, middle, 1, 1),
    ...numbered(name, 3, middle, middle, ratio, ratio),
    ...numbered(name, 6, middle, to, 1, 1)
  ]
}

/** The same with a 3x3 convolution of stride 2 for each halving, instead of one large kernel. */
export function bottleneckSteps(name: string, { from, to, ratio }: HeadOptions, middle: number): Layer[] {
  const steps = Math.log2(ratio)
  const halvings = Array.from({ length: steps }, (_, step) => numbered(name, 3 * (step + 1), middle, middle, 3, 2))
  return [
    ...numbered(name, 0, from, middle, 1, 1),
    ...halvings.flat(),
    ...numbered(name, 3 * (steps + 1), middle, to, 1, 1)
  ]
}

const numbered = (name: string, index: number, from: number, to: number, kernel: number, stride: number): Layer[] =>
  unit(
    [`${name}.${index}`, `${name}.${index + 1}`],
    from,
    to,
    {
      kernel,
      stride,
      padding: kernel === 3 && stride === 2 ? 1 : 0,
      bias: true
    },
    true
  )
