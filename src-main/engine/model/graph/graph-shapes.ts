import { quote } from '../../pickle/values.ts'
import type { GraphBody, GraphNode } from './graph.ts'
import { outputShape, type Input } from './output-shape.ts'
import { GraphProblem } from './problem.ts'

/** Numbers that one image may become at any place: 256 MiB of floats. */
const mostNumbers = 2 ** 26
const highestRank = 6

/**
 * The shapes of all values for one square image of `size` pixels, by name: in the file's order of axes, the first one is
 * the images'. Throws GraphProblem where an operation can't take what it gets.
 */
export function graphShapes(body: GraphBody, size: number): Map<string, number[]> {
  const shapes = new Map<string, number[]>()
  const inputs = inputsOf(body)
  shapes.set(body.input.value, imageShape(body, size))
  inputs.set(body.input.value, { shape: imageShape(body, size), isValue: true })
  for (const node of body.nodes) {
    const shape = shapeOfNode(node, inputs, body.layout)
    shapes.set(node.output, shape)
    inputs.set(node.output, { shape, isValue: true })
  }
  return shapes
}

/** Why a graph can't take square images of `size` pixels, the end of a sentence that begins with it; null where it can. */
export function sizeProblem(body: GraphBody, size: number): string | null {
  try {
    graphShapes(body, size)
    return null
  } catch (error) {
    if (error instanceof GraphProblem) return error.message
    throw error
  }
}

/** What one image is, in the file's order of axes. */
export const imageShape = ({ layout, input }: Pick<GraphBody, 'layout' | 'input'>, size: number): number[] =>
  layout === 'NCHW' ? [1, input.channels, size, size] : [1, size, size, input.channels]

/** Tensors and constants as inputs of nodes, by name. */
export function inputsOf({ tensors, constants }: Pick<GraphBody, 'tensors' | 'constants'>): Map<string, Input> {
  const inputs = new Map<string, Input>()
  for (const { name, shape } of tensors) inputs.set(name, { shape, isValue: false })
  for (const [name, { shape }] of constants) inputs.set(name, { shape, isValue: false })
  return inputs
}

/** What one node makes. Throws GraphProblem that names it. */
export function shapeOfNode(
  node: GraphNode,
  inputs: ReadonlyMap<string, Input>,
  layout: GraphBody['layout']
): number[] {
  try {
    if (inputs.has(node.output)) throw new GraphProblem('makes what is there already')
    const given = node.inputs.map((name) => {
      const input = inputs.get(name)
      if (!input) throw new GraphProblem(`reads ${quote(name)}, which nothing before it makes`)
      return input
    })
    const shape = outputShape(node, given, layout)
    requireNumbers(shape, given[0]!.shape)
    return shape
  } catch (error) {
    if (!(error instanceof GraphProblem)) throw error
    throw new GraphProblem(`has the node ${quote(node.output)} (${node.op}), which ${error.message}`)
  }
}

/** Throws GraphProblem where what one image becomes, of `from`, is nothing or too much. */
export function requireNumbers(shape: readonly number[], from: readonly number[]): void {
  if (shape.length > highestRank) throw new GraphProblem(`makes ${shape.length} axes; at most ${highestRank} are known`)
  if (shape.some((length) => !(length >= 1)))
    throw new GraphProblem(`makes nothing of it: [${from.join(', ')}] becomes [${shape.join(', ')}]`)
  if (!(shape.reduce((a, b) => a * b, 1) <= mostNumbers))
    throw new GraphProblem(`makes more of one image than memory is for: [${shape.join(', ')}]`)
}
