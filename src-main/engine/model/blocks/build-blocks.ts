import { channelsAfter, type BlockSpec } from '../../../../src-shared/networks/network-spec.ts'
import type { Layer } from '../layer.ts'
import { basicBlock, bottleneckBlock, preactivationBlock, pyramidBlock, type Position } from './residual.ts'
import { batchNorm, convolution, relu, unit } from './unit.ts'

/**
 * The layers of blocks, and the channels behind them. Blocks without a name of their own are called after `prefix` and
 * their place among those that have weights: `layer1.0`, `layer1.1`.
 */
export function buildBlocks(
  blocks: readonly BlockSpec[],
  prefix: string,
  channels: number
): { layers: Layer[]; channels: number } {
  const layers: Layer[] = []
  let place = 0
  let from = channels
  for (const block of blocks) {
    const isPool = block.block === 'max-pool' || block.block === 'average-pool'
    const repeat = isPool ? 1 : (block.repeat ?? 1)
    for (let index = 0; index < repeat; index++) {
      const given = isPool ? undefined : block.name
      const name = given === undefined ? `${prefix}.${place}` : repeat > 1 ? `${given}.${index}` : given
      const once = index > 0 && 'stride' in block ? { ...block, stride: 1 } : block
      const to = channelsAfter([block], from)
      layers.push(...buildBlock(once, name, from, to, given !== undefined && repeat === 1))
      from = to
      if (!isPool) place += 1
    }
  }
  return { layers, channels: from }
}

function buildBlock(block: BlockSpec, name: string, from: number, to: number, isNamed: boolean): Layer[] {
  const position: Position = { name, from, to, stride: ('stride' in block ? block.stride : 1) ?? 1 }
  switch (block.block) {
    case 'convolution': {
      const { kernel = 3, stride = 1, padding, groups = 1, bias = false, norm = true, relu: active = true } = block
      const options = { kernel, stride, groups, bias, ...(padding === undefined ? {} : { padding }) }
      // A name of its own is the convolution's; a place holds both.
      const [own, normName] = isNamed ? [name, block.normName ?? `${name}_bn`] : [`${name}.conv`, `${name}.bn`]
      if (norm) return unit([own, normName], from, to, options, active)
      return [convolution(own, from, to, options), ...(active ? [relu] : [])]
    }
    case 'basic':
      return basicBlock(position)
    case 'bottleneck':
      return bottleneckBlock(position, block.inner, block.groups ?? 1)
    case 'preactivation':
      return preactivationBlock(position)
    case 'pyramid':
      return pyramidBlock(position, block.inner)
    case 'separable':
      return separableBlock(position)
    case 'fire':
      return fireBlock(name, from, block)
    case 'max-pool': {
      const { kernel = 2, stride = kernel, padding = 0, ceil = false } = block
      return [{ kind: 'maxPool', kernel, stride, padding, ceil }]
    }
    case 'average-pool':
      return [{ kind: 'averagePool', kernel: block.kernel ?? 2 }]
    case 'normalization':
      return [batchNorm(isNamed ? name : `${name}.bn`, from), relu]
  }
}

/** A 3x3 convolution of each channel on its own, then a 1x1 convolution (Howard et al. 2017, figure 3). */
const separableBlock = ({ name, from, to, stride }: Position): Layer[] => [
  ...unit([`${name}.conv1`, `${name}.bn1`], from, from, { kernel: 3, stride, groups: from }, true),
  ...unit([`${name}.conv2`, `${name}.bn2`], from, to, { kernel: 1 }, true)
]

/** SqueezeNet's Fire module (Iandola et al. 2016, section 3.2), with torchvision's names. */
function fireBlock(
  name: string,
  from: number,
  { squeeze, expand1x1, expand3x3, norm = false }: Extract<BlockSpec, { block: 'fire' }>
): Layer[] {
  const piece = (part: string, inChannels: number, channels: number, kernel: number): Layer[] => [
    convolution(`${name}.${part}`, inChannels, channels, { kernel, bias: !norm }),
    ...(norm ? [batchNorm(`${name}.${part}_bn`, channels)] : []),
    relu
  ]
  const expand = (part: string, channels: number, kernel: number) => piece(part, squeeze, channels, kernel)
  return [
    ...piece('squeeze', from, squeeze, 1),
    { kind: 'concat', branches: [expand('expand1x1', expand1x1, 1), expand('expand3x3', expand3x3, 3)] }
  ]
}
