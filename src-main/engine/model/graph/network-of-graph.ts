import type { Network } from '../layer.ts'
import type { Graph } from './graph.ts'

/** The network that a graph is: its exits, and what it is called. */
export function networkOfGraph(graph: Graph): { network: Network; misfit: null } {
  const { exits, input } = graph
  return {
    misfit: null,
    network: {
      family: 'graph',
      depth: graph.nodes.filter(({ op }) => op === 'convolution' || op === 'linear').length,
      width: 0,
      title: 'Graph',
      heads: exits.length > 1 ? 'mixed' : 'none',
      classes: exits.at(-1)?.classes ?? 0,
      inputChannels: input.channels,
      stem: [],
      stages: exits.map(() => []),
      exits: exits.map(({ classes, featureCount }, index) => ({
        exit: index + 1,
        head: [],
        classifier: { kind: 'linear', name: `exit${index + 1}`, inFeatures: featureCount, outFeatures: classes }
      })),
      graph
    }
  }
}
