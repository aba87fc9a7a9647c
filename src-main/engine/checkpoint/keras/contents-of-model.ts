import { findExits } from '../../model/graph/find-exits.ts'
import type { Graph, GraphBody } from '../../model/graph/graph.ts'
import { graphShapes } from '../../model/graph/graph-shapes.ts'
import { GraphProblem } from '../../model/graph/problem.ts'
import type { Contents } from '../format.ts'
import { lowerModel, type Writer } from './lower-model.ts'
import type { ModelConfig } from './model-config.ts'
import { refusalsOf } from './refuse.ts'
import type { Variables } from './variables.ts'

/** Sides to try a network with that takes images of any, pixels. */
const sizes = [32, 64, 128, 224, 299, 512]

/** A Keras model as what a checkpoint holds. Throws UserError, one sentence that names the file, and a layer where one is to blame. */
export function contentsOfModel(path: string, model: ModelConfig, variables: Variables, writer: Writer): Contents {
  const { body, tensors, outputs } = lowerModel(model, variables, writer, refusalsOf(path))
  try {
    const { graph, remarks } = findExits(body, outputs, sizeOf(body))
    return { tensors, notes: new Map([['model', model.name]]), graph, remarks: [...remarks, ...remarksOn(graph)] }
  } catch (error) {
    throw error instanceof GraphProblem ? refusalsOf(path)(`its model ${error.message}`) : error
  }
}

/** The side that a model asks for, or the first that its layers can take. */
function sizeOf(body: GraphBody): number {
  if (body.input.size !== null) return body.input.size
  const fits = (size: number): boolean => {
    try {
      return graphShapes(body, size).size > 0
    } catch (error) {
      if (error instanceof GraphProblem) return false
      throw error
    }
  }
  return sizes.find(fits) ?? sizes[0]!
}

/** A network that prepares its images itself is prepared for twice where nobody says so. */
function remarksOn({ nodes, input }: Graph): string[] {
  const first = nodes.find(({ inputs }) => inputs.includes(input.value))
  const isPrepared = first?.op === 'mul' || (first?.op === 'batchNorm' && first.inputs[1]?.includes('/constant'))
  return isPrepared
    ? ['Its first layer scales the images itself: give them as in its training, often as pixels of 0 to 255.']
    : []
}
