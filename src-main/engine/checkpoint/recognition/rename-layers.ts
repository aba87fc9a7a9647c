import type { Layer, Network } from '../../model/layer.ts'

/** A network with its layers under other names; a name that `nameOf` gives back stays. */
export function renameLayers(network: Network, nameOf: (layer: string) => string): Network {
  const rename = (layer: Layer): Layer => {
    switch (layer.kind) {
      case 'convolution':
      case 'transposedConvolution':
      case 'batchNorm':
        return { ...layer, name: nameOf(layer.name) }
      case 'residual':
        return { ...layer, body: layer.body.map(rename), shortcut: layer.shortcut.map(rename) }
      case 'concat':
        return { ...layer, branches: layer.branches.map((branch) => branch.map(rename)) }
      case 'gate':
        return { ...layer, mask: layer.mask.map(rename) }
      default:
        return layer
    }
  }
  return {
    ...network,
    stem: network.stem.map(rename),
    stages: network.stages.map((layers) => layers.map(rename)),
    exits: network.exits.map(({ exit, head, classifier }) => ({
      exit,
      head: head.map(rename),
      classifier: { ...classifier, name: nameOf(classifier.name) }
    }))
  }
}
