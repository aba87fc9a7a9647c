import type { Preprocessing } from '../../../src-shared/preprocessing.ts'
import type { ImageShape } from '../data/dataset-types.ts'
import { inputSizeOf } from '../data/input-size.ts'
import type { Graph, GraphNode } from '../model/graph/graph.ts'
import { weightedLayers, type Network } from '../model/layer.ts'

/** Side of the images that networks for ImageNet are made for, pixels. */
const imagenetSize = 224
/** A graph's input of at least this side was not made for small images, pixels. */
const largeSize = 96

/** True for a network whose first convolution is made for large images, or that knows ImageNet's classes. */
export function isForImagenet(network: Network): boolean {
  if (network.classes === 1000) return true
  const { graph } = network
  if (!graph) {
    const [first] = weightedLayers([...network.stem, ...(network.stages[0] ?? [])])
    return first?.kind === 'convolution' && first.stride > 1
  }
  if (graph.input.size !== null) return graph.input.size >= largeSize
  const first = graph.nodes.find(({ op }) => op === 'convolution')
  return first?.op === 'convolution' && first.strides[0] > 1
}

/** The side that a network wants its images to have, and how those of a data set come to it. */
export function inputFor(network: Network, shape: Readonly<ImageShape>): Pick<Preprocessing, 'size' | 'fit'> {
  const side = Math.max(shape[0], shape[1])
  const size = network.graph?.input.size ?? (isForImagenet(network) ? imagenetSize : inputSizeOf(shape))
  // Much black around a small image is nothing that such a network has seen.
  return size > 2 * side || side > size ? { size, fit: 'resize' } : { size }
}

/**
 * What a graph does to its images before its first layer: nothing; or it expects pixels in 0..1, or bytes; `unknown` where
 * it scales them with numbers that are among its weights.
 */
export type OwnScaling = 'none' | 'unit' | 'bytes' | 'unknown'

/** Below this a factor is one for bytes: 1 / 255, 1 / 127.5 or 1 / deviation of bytes. */
const byteFactor = 0.1
/** Longer chains before the first layer are nobody's scaling. */
const mostSteps = 16
const passing = new Set(['identity', 'transpose', 'reshape', 'squeeze', 'unsqueeze'])

/** Whether a graph normalises its images itself, as Keras' Rescaling and Normalization do, and from which values. */
export function ownScaling({ input, nodes, constants }: Graph): OwnScaling {
  let value = input.value
  let factor = 1
  let isScaled = false
  for (let steps = 0; steps < mostSteps; steps++) {
    const takers = nodes.filter(({ inputs }) => inputs.includes(value))
    const [next] = takers
    if (!next || takers.length > 1) break
    if (!passing.has(next.op)) {
      if (isLearntScaling(next, constants)) return 'unknown'
      const own = factorOf(next, value, constants)
      if (own === null) break
      isScaled = true
      factor *= own
    }
    value = next.output
  }
  if (!isScaled) return 'none'
  return Math.abs(factor) < byteFactor ? 'bytes' : 'unit'
}

/** Keras' Normalization: a BatchNorm that scales and shifts by nothing that was trained. */
const isNormalization = ({ op, inputs }: GraphNode, constants: Graph['constants']): boolean =>
  op === 'batchNorm' && inputs.slice(1, 3).every((name) => constants.has(name))

/** Where its mean and variance were learnt from data, they are among the weights, which are not read here. */
const isLearntScaling = (node: GraphNode, constants: Graph['constants']): boolean =>
  isNormalization(node, constants) && node.inputs.slice(3).some((name) => !constants.has(name))

/** What a node multiplies a value with, on the average over channels; null where it does more than scale and shift. */
function factorOf(node: GraphNode, value: string, constants: Graph['constants']): number | null {
  const { op, inputs } = node
  if (isNormalization(node, constants)) {
    const variance = meanOf(constants, inputs[4])
    return variance !== null && variance > 0 ? 1 / Math.sqrt(variance) : null
  }
  if (op !== 'mul' && op !== 'div' && op !== 'add' && op !== 'sub') return null
  if ((op === 'div' || op === 'sub') && inputs[0] !== value) return null
  const other = meanOf(
    constants,
    inputs.find((name) => name !== value)
  )
  if (other === null) return null
  if (op === 'add' || op === 'sub') return 1
  return other === 0 ? null : op === 'mul' ? other : 1 / other
}

function meanOf(constants: Graph['constants'], name: string | undefined): number | null {
  const data = name === undefined ? undefined : constants.get(name)?.data
  if (!data?.length) return null
  const mean = data.reduce((sum, one) => sum + one, 0) / data.length
  return Number.isFinite(mean) ? mean : null
}
