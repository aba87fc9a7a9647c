import { UserError } from '../../../../src-shared/errors.ts'
import type { Cost, NetworkCost, StageCost } from '../cost.ts'
import { isTrainable, type TensorSpec } from '../tensor-specs.ts'
import { ancestorsOf, exitsOfNodes } from './ancestors.ts'
import type { Graph, GraphNode } from './graph.ts'
import { graphShapes, imageShape, sizeProblem } from './graph-shapes.ts'
import { mapBehind } from './map-behind.ts'
import { channelAxis } from './output-shape.ts'

/**
 * Costs of every exit of a graph, the nodes that it depends on, for square images of `wanted` pixels; where it can't take
 * those, of the size that its file asks for or of a usual one. A stage is what an exit adds that deeper ones depend on too.
 * Throws UserError where it can take none of these.
 */
export function graphCosts(graph: Graph, wanted: number): NetworkCost {
  const size = usableSize(graph, wanted)
  const shapes = graphShapes(graph, size)
  const specs = new Map(graph.tensors.map((spec) => [spec.name, spec]))
  const costOf = (nodes: readonly GraphNode[]): Cost & { convolutions: number } => ({
    multiplyAdds: nodes.reduce((sum, node) => sum + multiplyAdds(node, shapes, specs, graph), 0),
    parameters: countParameters(nodes, specs),
    convolutions: nodes.filter(isConvolution).length
  })
  const perExit = graph.exits.map(({ logits }) => ancestorsOf(graph, logits))
  const users = exitsOfNodes(perExit)
  const costs = perExit.map(costOf)
  const { multiplyAdds: most = 0, parameters = 0 } = costs.at(-1) ?? {}
  const stages = graph.exits.map((exit, index): StageCost => {
    const own = perExit[index]!.filter((node) => users.get(node)![0] === index && users.get(node)!.length > 1)
    const isLast = index === graph.exits.length - 1
    const added = isLast ? perExit[index]!.filter((node) => users.get(node)![0] === index) : own
    const map = shapes.get(mapBehind(graph, exit.features) ?? exit.features)!
    const channels = map[channelAxis(map.length, graph.layout)]!
    return { stage: index + 1, ...costOf(added), size: sideOf(map, graph), channels }
  })
  const all = costOf([...users.keys()])
  const none = { multiplyAdds: 0, parameters: 0, convolutions: 0 }
  return {
    full: { multiplyAdds: most, parameters },
    exits: costs.map((cost, index) => ({
      exit: index + 1,
      multiplyAdds: cost.multiplyAdds,
      parameters: cost.parameters,
      acceleration: most / cost.multiplyAdds,
      compression: parameters / cost.parameters
    })),
    ensemble: { multiplyAdds: all.multiplyAdds, parameters: all.parameters },
    stem: { ...none, size, channels: graph.input.channels },
    stages
  }
}

/** The first size that the graph can take. */
function usableSize(graph: Graph, wanted: number): number {
  const sizes = [wanted, graph.input.size ?? wanted, 32, 224]
  const usable = sizes.find((size) => sizeProblem(graph, size) === null)
  if (usable === undefined) throw new UserError(`The network ${sizeProblem(graph, wanted)}.`)
  return usable
}

/** Bytes of the largest value of one square image of `wanted` pixels, and of all that a training step would keep. */
export function graphActivations(graph: Graph, wanted: number): { largest: number; kept: number } {
  const size = usableSize(graph, wanted)
  const bytes = [imageShape(graph, size), ...graphShapes(graph, size).values()].map((shape) => 4 * product(shape))
  return { largest: bytes.reduce((a, b) => Math.max(a, b), 0), kept: bytes.reduce((a, b) => a + b, 0) }
}

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

const isConvolution = ({ op }: GraphNode): boolean => op === 'convolution' || op === 'transposedConvolution'

const sideOf = (shape: number[], { layout }: Graph): number =>
  shape.length === 4 ? shape[layout === 'NCHW' ? 2 : 1]! : 1

type Specs = ReadonlyMap<string, TensorSpec>

/** Of one image: every weight once for each number that it is multiplied with. */
function multiplyAdds(node: GraphNode, shapes: ReadonlyMap<string, number[]>, specs: Specs, graph: Graph): number {
  const [x = '', second = ''] = node.inputs
  const other = specs.get(second)?.shape ?? graph.constants.get(second)?.shape ?? shapes.get(second) ?? []
  const [from, to] = [shapes.get(x) ?? [], shapes.get(node.output)!]
  switch (node.op) {
    case 'convolution':
      return product(other.slice(1)) * product(to)
    case 'transposedConvolution':
      return product(other.slice(1)) * product(from)
    case 'linear':
      return other[1]! * product(to)
    case 'matMul':
      return from.at(-1)! * product(to)
    default:
      return 0
  }
}

/** Of all trained tensors that the nodes read, each once. */
function countParameters(nodes: readonly GraphNode[], specs: Specs): number {
  const names = new Set(nodes.flatMap(({ inputs }) => inputs))
  let count = 0
  for (const name of names) {
    const spec = specs.get(name)
    if (spec && isTrainable(spec)) count += product(spec.shape)
  }
  return count
}
