import type { GraphBody, GraphNode } from './graph.ts'

/** The nodes that a value depends on, in their order, its own maker last. */
export function ancestorsOf({ nodes }: Pick<GraphBody, 'nodes'>, value: string): GraphNode[] {
  const wanted = new Set([value])
  const found: GraphNode[] = []
  for (const node of nodes.toReversed()) {
    if (!wanted.has(node.output)) continue
    found.push(node)
    for (const input of node.inputs) wanted.add(input)
  }
  return found.reverse()
}

/** The exits, by index and ascending, that depend on each node; `perExit` are the ancestors of each exit. */
export function exitsOfNodes(perExit: readonly (readonly GraphNode[])[]): Map<GraphNode, number[]> {
  const exits = new Map<GraphNode, number[]>()
  perExit.forEach((nodes, index) => {
    for (const node of nodes) {
      const known = exits.get(node)
      if (known) known.push(index)
      else exits.set(node, [index])
    }
  })
  return exits
}
