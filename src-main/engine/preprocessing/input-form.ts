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

/** What a graph does to its images before its first layer: nothing, or it expects pixels in 0..1, or bytes. */
export type OwnScaling = 'none' | 'unit' | 'bytes'

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
      const constant = constantOf(next, value, constants)
      if (constant === null) break
      isScaled = true
      if (next.op === 'mul') factor *= constant
      else if (next.op === 'div') factor /= constant
    }
    value = next.output
  }
  if (!isScaled) return 'none'
  return Math.abs(factor) < byteFactor ? 'bytes' : 'unit'
}

/** The mean of what a node adds to a value, or multiplies it with; null where it does something else. */
function constantOf({ op, inputs }: GraphNode, value: string, constants: Graph['constants']): number | null {
  if (op !== 'mul' && op !== 'div' && op !== 'add' && op !== 'sub') return null
  if ((op === 'div' || op === 'sub') && inputs[0] !== value) return null
  const other = inputs.find((name) => name !== value)
  const data = other === undefined ? undefined : constants.get(other)?.data
  if (!data?.length) return null
  const mean = data.reduce((sum, one) => sum + one, 0) / data.length
  const isFactor = op === 'mul' || op === 'div'
  return Number.isFinite(mean) && (mean !== 0 || !isFactor) ? mean : null
}
