import type { NetworkSpec } from '../../../../src-shared/networks/network-spec.ts'
import type { Layer, Network } from '../../model/layer.ts'
import { kernelOf, type Shapes } from './shapes.ts'

type ExitSpec = NonNullable<NetworkSpec['exits']>[number]

/** The shallow exits that the names of heads tell of, shallowest first. */
export function readHeads(tensors: Shapes, stages: number): ExitSpec[] {
  const exits: ExitSpec[] = []
  for (let stage = 1; stage < stages; stage++) {
    const head = readHead(tensors, stage)
    if (head) exits.push({ stage, ...head })
  }
  return exits
}

function readHead(tensors: Shapes, stage: number): Omit<ExitSpec, 'stage'> | null {
  const bottleneck = kernelOf(tensors, `bottleneck${stage}_1.0`)
  if (bottleneck) {
    // Halvings have 3x3 kernels; one convolution that does all has as many pixels as it brings to one, a power of two.
    const isSteps = kernelOf(tensors, `bottleneck${stage}_1.3`)?.[2] === 3
    return { head: isSteps ? 'bottleneck-steps' : 'bottleneck', width: bottleneck[0] }
  }
  if (kernelOf(tensors, `scala${stage}.0.op.0`))
    return { head: 'sepconv', attention: kernelOf(tensors, `attention${stage}.0.op.0`) !== null }
  const scan = kernelOf(tensors, `scala${stage}.0`)
  if (scan) return { head: 'scan', width: scan[0], attention: kernelOf(tensors, `attention${stage}.0`) !== null }
  return tensors.has(`middle_fc${stage}.weight`) ? { head: 'linear' } : null
}

/** One version of the journal's code has neither BatchNorm nor ReLU behind a mask's convolutions. */
export function withoutMaskNorm(network: Network, tensors: Shapes): Network {
  const strip = (layer: Layer): Layer => {
    if (layer.kind !== 'gate') return layer
    const at = layer.mask.findIndex(
      (part) => part.kind === 'batchNorm' && /^attention\d+\.1$/.test(part.name) && !tensors.has(`${part.name}.weight`)
    )
    const [, next] = layer.mask.slice(at)
    return at < 0 || next?.kind !== 'relu' ? layer : { ...layer, mask: layer.mask.toSpliced(at, 2) }
  }
  if (network.heads !== 'sepconv') return network
  return { ...network, exits: network.exits.map((exit) => ({ ...exit, head: exit.head.map(strip) })) }
}
