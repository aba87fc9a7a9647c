import type { Layer, Network } from '../../model/layer.ts'
import type { Shapes } from './shapes.ts'

/**
 * A ResNet whose shortcuts have no weights, He et al.'s option A, as akamaster/pytorch_resnet_cifar10 has it: every second
 * pixel, and as many zero channels in front as behind. Other code pads otherwise and can't be told from it by its tensors, so
 * this is for that code's name of the last layer, `linear`, alone.
 */
export function withoutProjections(network: Network, tensors: Shapes, classifier: string): Network {
  if (!/(^|\.)linear$/.test(classifier) || network.family !== 'ResNet') return network
  if ([...tensors.keys()].some((name) => name.includes('.downsample.'))) return network
  return { ...network, stages: network.stages.map((layers) => layers.map(pad)) }
}

function pad(layer: Layer): Layer {
  const [projection] = layer.kind === 'residual' ? layer.shortcut : []
  if (layer.kind !== 'residual' || !layer.relu || projection?.kind !== 'convolution') return layer
  const { inChannels, outChannels, stride } = projection
  if (outChannels !== inChannels + 2 * Math.floor(outChannels / 4)) return layer
  const pick = { kind: 'maxPool', kernel: 1, stride, padding: 0, ceil: false } as const
  const zeros = {
    kind: 'padChannels',
    channels: outChannels - inChannels,
    before: Math.floor(outChannels / 4)
  } as const
  return { ...layer, shortcut: [pick, zeros] }
}
