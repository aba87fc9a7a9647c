import type { GraphBody, GraphNode } from './graph.ts'

const reshaping = new Set<GraphNode['op']>(['identity', 'flatten', 'reshape', 'squeeze', 'unsqueeze'])

/** The value that another [N,d] is pooled from, where nothing but a reshaping lies between; null where it is not pooled. */
export function mapBehind({ nodes, layout }: Pick<GraphBody, 'nodes' | 'layout'>, value: string): string | null {
  const makers = new Map(nodes.map((node) => [node.output, node]))
  let node = makers.get(value)
  while (node && reshaping.has(node.op)) node = makers.get(node.inputs[0]!)
  if (node?.op === 'averagePool') return node.inputs[0]!
  if (node?.op !== 'mean') return null
  const axes = node.axes.map((axis) => (axis < 0 ? axis + 4 : axis)).sort()
  return String(axes) === (layout === 'NCHW' ? '2,3' : '1,2') ? node.inputs[0]! : null
}
