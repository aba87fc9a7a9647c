import type { Graph, GraphNode, Operation, Pads } from '../../src-main/engine/model/graph/graph.ts'
import type { Convolution, Layer, Network, TransposedConvolution } from '../../src-main/engine/model/layer.ts'
import { tensorSpecs } from '../../src-main/engine/model/tensor-specs.ts'

/** The graph that a network of the families is, its tensors by the same names; exits in reverse order. */
export function graphOfNetwork(network: Network, layout: Graph['layout']): Graph {
  const nodes: GraphNode[] = []
  let made = 0
  const node = (operation: Operation, ...inputs: string[]): string => {
    const output = `value ${++made}`
    nodes.push({ output, inputs, ...operation })
    return output
  }
  const channels = layout === 'NCHW' ? 1 : 3
  const through = (x: string, layers: Layer[]): string => layers.reduce(apply, x)
  function apply(x: string, layer: Layer): string {
    switch (layer.kind) {
      case 'convolution': {
        const { groups = 1 } = layer
        const way = { strides: both(layer.stride), pads: around(layer.padding), dilations: both(1), groups }
        return node({ op: 'convolution', ...way }, x, ...weightsOf(layer))
      }
      case 'transposedConvolution': {
        const way = { strides: both(layer.stride), pads: around(layer.padding), outputPads: both(0) }
        return node({ op: 'transposedConvolution', ...way }, x, ...weightsOf(layer))
      }
      case 'batchNorm': {
        const names = ['weight', 'bias', 'running_mean', 'running_var'].map((name) => `${layer.name}.${name}`)
        return node({ op: 'batchNorm', epsilon: 1e-5 }, x, ...names)
      }
      case 'relu':
      case 'sigmoid':
        return node({ op: layer.kind }, x)
      case 'relu6':
        return node({ op: 'clip', min: 0, max: 6 }, x)
      case 'residual': {
        const sum = node({ op: 'add' }, through(x, layer.body), through(x, layer.shortcut))
        return layer.relu ? node({ op: 'relu' }, sum) : sum
      }
      case 'maxPool': {
        const { kernel, stride, padding, ceil } = layer
        return node({ op: 'maxPool', kernel: both(kernel), strides: both(stride), pads: around(padding), ceil }, x)
      }
      case 'averagePool': {
        const way = { kernel: both(layer.kernel), strides: both(layer.kernel), pads: around(0) }
        return node({ op: 'averagePool', ...way, ceil: false, countsPads: true }, x)
      }
      case 'upsample':
        return node({ op: 'resize', mode: 'linear', scale: [2, 2] }, x)
      case 'padChannels': {
        const before = [0, 0, 0, 0]
        const after = [0, 0, 0, 0]
        before[channels] = layer.before ?? 0
        after[channels] = layer.channels - (layer.before ?? 0)
        return node({ op: 'pad', before, after, value: 0 }, x)
      }
      case 'concat':
        return node({ op: 'concat', axis: channels }, ...layer.branches.map((branch) => through(x, branch)))
      case 'gate':
        return node({ op: 'mul' }, x, through(x, layer.mask))
      case 'adaptiveAverage':
        throw new Error('not needed here')
    }
  }
  let x = through('images', network.stem)
  const exits: Graph['exits'] = []
  network.stages.forEach((layers, index) => {
    x = through(x, layers)
    const exit = network.exits.find((each) => each.exit === index + 1)
    if (!exit) return
    const axes = layout === 'NCHW' ? [2, 3] : [1, 2]
    const { name, inFeatures, outFeatures } = exit.classifier
    const features = node({ op: 'mean', axes, keepsAxes: false }, through(x, exit.head))
    const logits = node({ op: 'linear' }, features, `${name}.weight`, `${name}.bias`)
    exits.push({ features, logits, classes: outFeatures, featureCount: inFeatures })
  })
  return {
    layout,
    input: { value: 'images', channels: network.inputChannels, size: null },
    nodes,
    tensors: tensorSpecs(network)
      .filter(({ role }) => role !== 'counter')
      .map((spec) => ({ ...spec, stage: 0, part: 'backbone' as const })),
    constants: new Map(),
    exits: exits.reverse()
  }
}

const both = (length: number): [number, number] => [length, length]
const around = (pad: number): Pads => ({ top: pad, bottom: pad, left: pad, right: pad })
const weightsOf = ({ name, bias }: Convolution | TransposedConvolution): string[] =>
  bias ? [`${name}.weight`, `${name}.bias`] : [`${name}.weight`]
