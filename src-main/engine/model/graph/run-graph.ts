import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs'
import { UserError } from '../../../../src-shared/errors.ts'
import type { Ops } from '../../backend/ops/ops.ts'
import type { ExitOutput, ForwardOptions, Mode } from '../forward.ts'
import type { NetworkState } from '../weights.ts'
import type { Graph } from './graph.ts'
import { sizeProblem } from './graph-shapes.ts'
import { mapBehind } from './map-behind.ts'
import { channelAxis } from './output-shape.ts'
import { applyNode, type Tools } from './run/apply-node.ts'
import { asImages, inFileOrder, ofImages, shapeOf, type Held, type Tf } from './run/held.ts'
import type { Norm } from './run/normalize.ts'

/**
 * The forward pass of a graph: square images [N,H,W,C] to every exit's output, shallowest first. An exit's `map` is what its
 * features are the mean of, and [N,1,1,d] where they are none; `onStage` hears of it. Throws UserError where the graph can't
 * take images of this size.
 */
export function runGraph(
  tf: Tf,
  ops: Ops,
  graph: Graph,
  state: NetworkState,
  images: Tensor4D,
  mode: Mode,
  { needsImageGradient = false, onStage }: ForwardOptions = {}
): ExitOutput[] {
  const { layout } = graph
  requireSize(graph, images.shape[1])
  const fixed = new Map<string, Tensor>()
  const constant = (name: string): Tensor => {
    const known = fixed.get(name)
    if (known) return known
    const found = graph.constants.get(name)
    if (!found) throw new Error(`no tensor ${name}`)
    const made = tf.tensor(found.data, found.shape)
    fixed.set(name, made)
    return made
  }
  const weight = (name: string): Tensor => state.parameters.get(name) ?? state.statistics.get(name) ?? constant(name)
  const tools: Tools = {
    tf,
    ops,
    layout,
    norm: normOf(mode),
    weight,
    filters: (name) => (state.parameters.get(name) ?? tf.transpose(constant(name), [2, 3, 1, 0])) as Tensor4D,
    needsGradient: ({ tensor }) => tensor !== images || needsImageGradient
  }
  const values = new Map<string, Held>([[graph.input.value, ofImages(images, layout)]])
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => ({ name, held: values.get(name) ?? null }))
    values.set(node.output, applyNode(tools, node, inputs))
  }
  const file = (name: string) => inFileOrder(tf, values.get(name)!) as Tensor2D
  return graph.exits.map((exit, index) => {
    const features = file(exit.features)
    const pooled = values.get(mapBehind(graph, exit.features) ?? '')
    const isMap = pooled?.tensor.rank === 4 && shapeOf(pooled)[channelAxis(4, layout)] === exit.featureCount
    const map = isMap ? asImages(tf, pooled, layout) : tf.reshape(features, [-1, 1, 1, exit.featureCount])
    onStage?.(map as Tensor4D, index + 1)
    return { exit: index + 1, features, logits: file(exit.logits), map: map as Tensor4D }
  })
}

function normOf(mode: Mode): Norm {
  if (mode.kind === 'evaluate') return mode
  const onMoment = (statistic: string, moment: Tensor1D): void => {
    // Where two nodes share their statistics, those follow the last.
    mode.moments.get(statistic)?.dispose()
    mode.moments.set(statistic, moment)
  }
  return { kind: 'train', onMoment }
}

const checked = new WeakMap<Graph, Set<number>>()

/** Throws UserError where a graph can't take square images of `size` pixels. */
function requireSize(graph: Graph, size: number): void {
  const sizes = checked.get(graph) ?? new Set()
  if (sizes.has(size)) return
  const problem = sizeProblem(graph, size)
  if (problem !== null) throw new UserError(`The network can't take images of ${size} x ${size} pixels: it ${problem}.`)
  checked.set(graph, sizes.add(size))
}

/** Why a graph can't take such images, the end of a sentence that begins with its file; null where it can. */
export function fitProblem(graph: Graph, [height, width]: readonly [number, number]): string | null {
  const { size } = graph.input
  const given = `${height} x ${width}`
  if (size !== null && (height !== size || width !== size))
    return `takes images of ${size} x ${size} pixels, not of ${given}`
  if (height !== width) return `takes square images, not such of ${given} pixels`
  const problem = sizeProblem(graph, height)
  return problem === null ? null : `can't take images of ${given} pixels: it ${problem}`
}
