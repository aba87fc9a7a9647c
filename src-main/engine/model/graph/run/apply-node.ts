import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs'
import type { Ops } from '../../../backend/ops/ops.ts'
import { axesOf, axisOf, rangeOf } from '../axes.ts'
import type { GraphBody, GraphNode } from '../graph.ts'
import { outputShape } from '../output-shape.ts'
import { convolve, convolveBack } from './convolve.ts'
import { asFile, asImages, asPlaced, inFileOrder, ofImages, placeOf, shapeOf, type Held, type Tf } from './held.ts'
import { normalize, type Norm } from './normalize.ts'
import { averagePool, maxPool } from './pool.ts'
import { resize } from './resize.ts'
import { everyNth, part } from './take.ts'
import { applyBinary, applyUnary } from './unary.ts'

/** What nodes work with beside their inputs. */
export type Tools = {
  tf: Tf
  ops: Ops
  layout: GraphBody['layout']
  norm: Norm
  /** A tensor or constant as the engine has its kind: filters [kh,kw,in,out], all else as the file has it. */
  weight(name: string): Tensor
  filters(name: string): Tensor4D
  needsGradient(x: Held): boolean
}

/** An input: a value, or null for a tensor or constant. */
export type Given = { name: string; held: Held | null }

/** What a node makes of its inputs, whose shapes have been checked. */
export function applyNode(tools: Tools, node: GraphNode, inputs: readonly Given[]): Held {
  const { tf, ops, layout } = tools
  if (inputs.length === 2 && isBinary(node)) return combine(tools, node, inputs)
  const x = inputs[0]!.held!
  const unary = applyUnary(tf, ops, x.tensor, node)
  if (unary) return { tensor: unary, isMoved: x.isMoved }
  const images = () => asImages(tf, x, layout)
  const biased = (y: Tensor): Tensor => (inputs[2] ? tf.add(y, tools.weight(inputs[2].name)) : y)
  const after = (): number[] =>
    outputShape(
      node,
      inputs.map(({ held, name }) => ({
        shape: held ? shapeOf(held) : tools.weight(name).shape,
        isValue: held !== null
      })),
      layout
    )
  switch (node.op) {
    case 'convolution': {
      const y = convolve(tf, ops, images(), tools.filters(inputs[1]!.name), node, tools.needsGradient(x))
      return ofImages(biased(y), layout)
    }
    case 'transposedConvolution':
      return ofImages(biased(convolveBack(tf, ops, images(), tools.filters(inputs[1]!.name), node)), layout)
    case 'linear': {
      const weight = tools.weight(inputs[1]!.name) as Tensor2D
      const file = inFileOrder(tf, x)
      if (file.rank === 2) return asFile(biased(tf.matMul(file, weight, false, true)))
      const rows = tf.reshape(file, [-1, weight.shape[1]])
      const y = biased(tf.matMul(rows, weight, false, true))
      return asFile(tf.reshape(y, [...file.shape.slice(0, -1), weight.shape[0]]))
    }
    case 'batchNorm':
      return normalize(
        tools,
        x,
        node,
        inputs.slice(1).map(({ name }) => name)
      )
    case 'matMul': {
      const a = inFileOrder(tf, x)
      const second = inputs[1]!
      if (second.held) return asFile(tf.matMul(a, inFileOrder(tf, second.held)))
      const matrix = tools.weight(second.name) as Tensor2D
      const y = tf.matMul(tf.reshape(a, [-1, matrix.shape[0]]), matrix)
      return asFile(tf.reshape(y, [...a.shape.slice(0, -1), matrix.shape[1]]))
    }
    case 'maxPool':
      return ofImages(maxPool(tf, images(), node), layout)
    case 'averagePool':
      return ofImages(averagePool(tf, images(), node), layout)
    case 'mean':
    case 'sum':
    case 'max': {
      const axes = axesOf(node.axes, x.tensor.rank).map((axis) => placeOf(x, axis))
      const kept = { tensor: tf[node.op](x.tensor, axes, true), isMoved: x.isMoved }
      return node.keepsAxes ? kept : asFile(tf.reshape(inFileOrder(tf, kept), after()))
    }
    case 'softmax':
    case 'logSoftmax': {
      const axis = placeOf(x, axisOf(node.axis, x.tensor.rank))
      return { tensor: alongLast(tf, x.tensor, axis, (tensor) => tf[node.op](tensor)), isMoved: x.isMoved }
    }
    case 'concat': {
      const values = alike(
        tf,
        inputs.map(({ held }) => held!),
        layout
      )
      const axis = placeOf(values[0]!, axisOf(node.axis, values[0]!.tensor.rank))
      const tensors = values.map(({ tensor }) => tensor)
      return { tensor: tensors.length === 1 ? tensors[0]! : tf.concat(tensors, axis), isMoved: values[0]!.isMoved }
    }
    case 'reshape':
    case 'flatten':
    case 'squeeze':
    case 'unsqueeze':
      return asFile(tf.reshape(inFileOrder(tf, x), after()))
    case 'transpose':
      return transpose(tf, x, node.permutation, layout)
    case 'slice': {
      let { tensor } = x
      axesOf(node.axes, tensor.rank).forEach((fileAxis, index) => {
        const axis = placeOf(x, fileAxis)
        const step = node.steps[index]!
        const range = { start: node.starts[index]!, end: node.ends[index]!, step }
        const { first, count } = rangeOf(tensor.shape[axis]!, range)
        tensor = everyNth(tf, part(tf, tensor, axis, first, (count - 1) * step + 1), axis, step)
      })
      return { tensor, isMoved: x.isMoved }
    }
    case 'pad': {
      const pairs = asPlaced(
        x,
        node.before.map((before, axis): [number, number] => [before, node.after[axis]!])
      )
      return { tensor: tf.pad(x.tensor, pairs, node.value), isMoved: x.isMoved }
    }
    case 'resize':
      return ofImages(resize(tf, images(), node), layout)
    default:
      throw new Error(`no way to apply ${node.op}`)
  }
}

const binary = new Set(['add', 'sub', 'mul', 'div', 'pow', 'maximum', 'minimum'])
const isBinary = ({ op }: GraphNode): boolean => binary.has(op)

/** Values in one order of axes: moved where any is. */
function alike(tf: Tf, values: Held[], layout: GraphBody['layout']): Held[] {
  if (values.every(({ isMoved }) => isMoved === values[0]!.isMoved)) return values
  return values.map((x) => ofImages(asImages(tf, x, layout), layout))
}

function combine({ tf, layout, weight }: Tools, node: GraphNode, inputs: readonly Given[]): Held {
  const values = alike(
    tf,
    inputs.flatMap(({ held }) => held ?? []),
    layout
  )
  const { isMoved, tensor: like } = values[0]!
  let next = 0
  const [a, b] = inputs.map(({ held, name }) => {
    if (held) return values[next++]!.tensor
    const fixed = weight(name)
    if (!isMoved || fixed.size === 1) return fixed.size === 1 && fixed.rank > like.rank ? tf.reshape(fixed, []) : fixed
    // Leading axes are understood in the file's order, before any is moved.
    const full = tf.reshape(fixed, [...Array<number>(4 - fixed.rank).fill(1), ...fixed.shape])
    return asImages(tf, asFile(full), layout)
  })
  return { tensor: applyBinary(tf, a!, b!, node)!, isMoved }
}

/** tfjs's softmax knows the last axis only. */
function alongLast(tf: Tf, x: Tensor, axis: number, apply: (x: Tensor) => Tensor): Tensor {
  const last = x.rank - 1
  if (axis === last) return apply(x)
  const swapped = x.shape.map((_, at) => (at === axis ? last : at === last ? axis : at))
  return tf.transpose(apply(tf.transpose(x, swapped)), swapped)
}

function transpose(tf: Tf, x: Held, permutation: number[], layout: GraphBody['layout']): Held {
  const order = permutation.join()
  if (layout === 'NCHW') {
    // The values stay where they are: only what the axes are called changes.
    if (x.isMoved && order === '0,2,3,1') return asFile(x.tensor)
    if (!x.isMoved && order === '0,3,1,2') return { tensor: x.tensor, isMoved: true }
  }
  return asFile(tf.transpose(inFileOrder(tf, x), permutation))
}
