import type { Graph, GraphNode } from '../../../src-main/engine/model/graph/graph.ts'
import { networkOfGraph } from '../../../src-main/engine/model/graph/network-of-graph.ts'
import type { Network } from '../../../src-main/engine/model/layer.ts'

const pads = { top: 1, bottom: 1, left: 1, right: 1 }

type Options = {
  layout?: Graph['layout']
  size?: number | null
  channels?: number
  classes?: number
  stride?: number
  /** What comes before the first convolution, each taking the value before it and a constant. */
  before?: ['mul' | 'div' | 'add' | 'sub', number[]][]
  /** Variance of a Normalization behind that; null where it is among the weights. */
  variance?: number | null
}

/** A graph that scales its images in some way and then begins with a convolution. */
export function graphNetwork(options: Options = {}): Network {
  const { layout = 'NCHW', size = null, channels = 3, classes = 10, stride = 1, before = [], variance } = options
  const constants: Graph['constants'] = new Map()
  let value = 'images'
  const scaling = before.map(([op, data], index): GraphNode => {
    constants.set(`c${index}`, { shape: [data.length], data: Float32Array.from(data) })
    const node: GraphNode = { op, inputs: [value, `c${index}`], output: `v${index}` }
    value = node.output
    return node
  })
  if (variance !== undefined) {
    for (const [name, number] of [
      ['one', 1],
      ['zero', 0],
      ['variance', variance]
    ] as const)
      if (number !== null) constants.set(name, { shape: [1], data: Float32Array.of(number) })
    const inputs = [value, 'one', 'zero', 'zero', 'variance']
    scaling.push({ op: 'batchNorm', epsilon: 1e-14, inputs, output: 'normal' })
    value = 'normal'
  }
  const { network } = networkOfGraph({
    layout,
    input: { value: 'images', channels, size },
    nodes: [
      ...scaling,
      {
        ...{ op: 'convolution', inputs: [value, 'w'], output: 'y' },
        ...{ strides: [stride, stride], pads, dilations: [1, 1], groups: 1 }
      },
      { op: 'mean', inputs: ['y'], output: 'f', axes: [2, 3], keepsAxes: false },
      { op: 'linear', inputs: ['f', 'v'], output: 'z' }
    ],
    tensors: [],
    constants,
    exits: [{ logits: 'z', features: 'f', classes, featureCount: 8 }]
  })
  return network!
}
