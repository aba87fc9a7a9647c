import { batchNorm, convolution } from '../../model/blocks/unit.ts'
import type { Layer, Network } from '../../model/layer.ts'
import { kernelOf, type Shapes } from './shapes.ts'

/** Blocks of each kind and the stride of their first one (Sandler et al. 2018, table 2). */
const kinds: readonly [count: number, stride: number][] = [
  [1, 1],
  [2, 2],
  [3, 2],
  [4, 2],
  [3, 1],
  [3, 2],
  [1, 1]
]

/** torchvision's MobileNetV2, its channels read off the shapes, with one exit; null where the names tell of another network. */
export function readMobilenetV2(tensors: Shapes): Network | null {
  const first = kernelOf(tensors, 'features.0.0')
  if (!first || !kernelOf(tensors, 'features.1.conv.0.0')) return null
  const [width, inputChannels] = first
  const stem = unit('features.0', inputChannels, width, { kernel: 3, stride: 2 })
  const stages: Layer[][] = []
  let channels = width
  let place = 1
  for (const [count, stride] of kinds) {
    // A stage begins where the image is halved.
    if (stride > 1 || !stages.length) stages.push([])
    for (let index = 0; index < count; index++) {
      const block = invertedResidual(tensors, `features.${place}`, channels, index === 0 ? stride : 1)
      if (!block) return null
      stages.at(-1)!.push(...block.layers)
      channels = block.channels
      place += 1
    }
  }
  const last = kernelOf(tensors, `features.${place}.0`)
  if (!last) return null
  stages.at(-1)!.push(...unit(`features.${place}`, channels, last[0], { kernel: 1 }))
  const classifier = { kind: 'linear', name: 'fc', inFeatures: last[0], outFeatures: 1 } as const
  const names = { family: 'MobileNetV2', depth: 0, title: 'MobileNetV2', heads: 'none' } as const
  const exits = [{ exit: stages.length, head: [], classifier }]
  return { ...names, width, classes: 1, inputChannels, stem, stages, exits }
}

type Options = { kernel: number; stride?: number; groups?: number }

const unit = (name: string, from: number, to: number, options: Options): Layer[] => [
  convolution(`${name}.0`, from, to, options),
  batchNorm(`${name}.1`, to),
  { kind: 'relu6' }
]

/** Widened by a 1x1 convolution (but the first block), convolved channel by channel, narrowed without an activation. */
function invertedResidual(
  tensors: Shapes,
  name: string,
  from: number,
  stride: number
): { layers: Layer[]; channels: number } | null {
  const isWidened = kernelOf(tensors, `${name}.conv.1.0`) !== null
  const narrow = isWidened ? 2 : 1
  const [inner] = kernelOf(tensors, `${name}.conv.${narrow - 1}.0`) ?? []
  const [channels] = kernelOf(tensors, `${name}.conv.${narrow}`) ?? []
  if (!inner || !channels) return null
  const body = [
    ...(isWidened ? unit(`${name}.conv.0`, from, inner, { kernel: 1 }) : []),
    ...unit(`${name}.conv.${narrow - 1}`, inner, inner, { kernel: 3, stride, groups: inner }),
    convolution(`${name}.conv.${narrow}`, inner, channels, { kernel: 1 }),
    batchNorm(`${name}.conv.${narrow + 1}`, channels)
  ]
  const isResidual = stride === 1 && from === channels
  return { layers: isResidual ? [{ kind: 'residual', body, shortcut: [], relu: false }] : body, channels }
}
