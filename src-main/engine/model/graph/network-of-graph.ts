import type { Recognized } from '../../checkpoint/recognition/recognize.ts'
import { ancestorsOf, exitsOfNodes } from './ancestors.ts'
import { orderExits } from './find-exits.ts'
import type { Graph, GraphNode } from './graph.ts'

/**
 * The network that a graph is: its exits from shallow to deep, what they depend on and nothing else, each tensor at the
 * stage of the first exit that depends on it. A graph without exits is none.
 */
export function networkOfGraph(graph: Graph): Recognized {
  const order = orderExits(
    graph,
    graph.exits.map(({ logits }) => logits)
  )
  const exits = order.map((at) => graph.exits[at]!)
  const deepest = exits.at(-1)
  if (!deepest) return { network: null, misfit: 'has no output that can be told to be class scores.' }
  const perExit = exits.map(({ logits, features }) => [
    ...new Set([...ancestorsOf(graph, logits), ...ancestorsOf(graph, features)])
  ])
  const users = exitsOfNodes(perExit)
  const nodes = graph.nodes.filter((node) => users.has(node))
  const own: Graph = { ...graph, exits, nodes, tensors: placeTensors({ ...graph, exits }, users) }
  const layers = ancestorsOf(graph, deepest.logits).filter(isLayer).length
  return {
    misfit: null,
    network: {
      family: 'graph',
      depth: layers,
      width: 0,
      title: `Graph of ${layers} layers`,
      heads: exits.length > 1 ? 'mixed' : 'none',
      classes: deepest.classes,
      inputChannels: graph.input.channels,
      stem: [],
      stages: exits.map(() => []),
      exits: exits.map(({ classes, featureCount }, index) => ({
        exit: index + 1,
        head: [],
        classifier: { kind: 'linear', name: `exit${index + 1}`, inFeatures: featureCount, outFeatures: classes }
      })),
      graph: own
    }
  }
}

/** As depths of networks are counted: what has weights that are multiplied. */
const isLayer = ({ op }: GraphNode): boolean =>
  op === 'convolution' || op === 'transposedConvolution' || op === 'linear' || op === 'matMul'

/**
 * The tensors that exits depend on, in the order in which the nodes read them. A head's are those that one shallow exit
 * alone depends on, and the last layer's of the deepest one.
 */
function placeTensors(graph: Graph, users: ReadonlyMap<GraphNode, number[]>): Graph['tensors'] {
  const { tensors, nodes } = graph
  const last = graph.exits.length
  const backbone = new Set(ancestorsOf(graph, graph.exits.at(-1)!.features).flatMap(({ inputs }) => inputs))
  const exits = new Map<string, Set<number>>()
  for (const node of nodes)
    for (const name of node.inputs) {
      const known = exits.get(name) ?? new Set()
      for (const exit of users.get(node) ?? []) known.add(exit)
      exits.set(name, known)
    }
  const specs = new Map(tensors.map((spec) => [spec.name, spec]))
  return [...exits].flatMap(([name, of]) => {
    const spec = specs.get(name)
    if (!spec || !of.size) return []
    const stage = Math.min(...of) + 1
    const isBackbone = of.size > 1 || (stage === last && backbone.has(name))
    return [{ ...spec, stage, part: isBackbone ? ('backbone' as const) : ('head' as const) }]
  })
}
