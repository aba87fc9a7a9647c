import { axesOf, axisOf, rangeOf } from './axes.ts'
import type { GraphBody, Operation, Pair } from './graph.ts'
import { GraphProblem } from './problem.ts'
import { bothAxes, countWindows, spreadOf } from './windows.ts'

/** An input of a node: a value of the images, or a tensor or constant. */
export type Input = { shape: readonly number[]; isValue: boolean }

type Layout = GraphBody['layout']

const product = (lengths: readonly number[]): number => lengths.reduce((a, b) => a * b, 1)
const write = (shape: readonly number[]): string => `[${shape.join(', ')}]`

/** The shape that an operation gives of inputs of these shapes. Throws GraphProblem where it can't take them. */
export function outputShape(operation: Operation, inputs: readonly Input[], layout: Layout): number[] {
  const { op } = operation
  const binary = op === 'add' || op === 'sub' || op === 'mul' || op === 'div'
  if (binary || op === 'pow' || op === 'maximum' || op === 'minimum') return broadcast(inputs)
  const [first, ...others] = inputs
  if (!first?.isValue) throw new GraphProblem('gets no value of the images')
  const x = [...first.shape]
  switch (operation.op) {
    case 'convolution':
    case 'transposedConvolution':
      return convolved(operation, x, others, layout)
    case 'linear':
      return multiplied(x, others)
    case 'batchNorm':
      return normalized(x, others, layout)
    case 'matMul':
      return matrixProduct(x, others)
    case 'maxPool':
    case 'averagePool': {
      if ([...operation.strides, ...operation.kernel].some((length) => length < 1))
        throw new GraphProblem('has a kernel or stride below 1')
      const ways = bothAxes(operation)
      if (ways.some(({ kernel, before, after }) => before >= kernel || after >= kernel))
        throw new GraphProblem('has padding as large as its kernel')
      return withImage(x, layout, (size, axis) => countWindows(size, ways[axis]!))
    }
    case 'mean':
    case 'sum':
    case 'max': {
      const axes = new Set(axesOf(operation.axes, x.length))
      return x.flatMap((length, axis) => (axes.has(axis) ? (operation.keepsAxes ? [1] : []) : [length]))
    }
    case 'softmax':
    case 'logSoftmax':
      axisOf(operation.axis, x.length)
      return x
    case 'concat':
      return joined(inputs, axisOf(operation.axis, x.length))
    case 'reshape':
      return reshaped(x, operation.shape)
    case 'flatten': {
      const axis = axisOf(operation.axis, x.length)
      return [...x.slice(0, axis), product(x.slice(axis))]
    }
    case 'transpose': {
      const { permutation } = operation
      const isWhole = [...permutation].sort((a, b) => a - b).every((axis, index) => axis === index)
      if (permutation.length !== x.length || !isWhole)
        throw new GraphProblem(`has the permutation ${write(permutation)} for ${x.length} axes`)
      if (permutation[0] !== 0) throw new GraphProblem('moves the axis of the images')
      return permutation.map((axis) => x[axis]!)
    }
    case 'squeeze': {
      const axes = axesOf(operation.axes, x.length)
      if (axes.some((axis) => x[axis] !== 1))
        throw new GraphProblem(`drops an axis of ${write(x)} that is longer than 1`)
      return x.filter((_, axis) => !axes.includes(axis))
    }
    case 'unsqueeze': {
      const rank = x.length + operation.axes.length
      const axes = axesOf(operation.axes, rank)
      const left = [...x]
      return Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : left.shift()!))
    }
    case 'slice': {
      const { starts, ends, steps } = operation
      const shape = [...x]
      axesOf(operation.axes, x.length).forEach((axis, index) => {
        shape[axis] = rangeOf(x[axis]!, { start: starts[index]!, end: ends[index]!, step: steps[index]! }).count
      })
      return shape
    }
    case 'pad': {
      const { before, after } = operation
      if (before.length !== x.length || after.length !== x.length)
        throw new GraphProblem(`pads ${before.length} axes and gets ${x.length}`)
      if ([...before, ...after].some((count) => count < 0)) throw new GraphProblem('pads by less than nothing')
      if (before[0] !== 0 || after[0] !== 0) throw new GraphProblem('adds images of its own')
      return x.map((length, axis) => length + before[axis]! + after[axis]!)
    }
    case 'resize':
      if (operation.scale.some((scale) => !(scale > 0))) throw new GraphProblem('resizes to nothing')
      return withImage(x, layout, (size, axis) => Math.floor(size * operation.scale[axis]!))
    default:
      return x
  }
}

/** The axis of the channels. */
export const channelAxis = (rank: number, layout: Layout): number => (layout === 'NHWC' || rank === 2 ? rank - 1 : 1)

/** x with another height and width. */
function withImage(
  x: number[],
  layout: Layout,
  side: (size: number, axis: 0 | 1) => number,
  channels?: number
): number[] {
  if (x.length !== 4) throw new GraphProblem(`takes images, and gets ${write(x)}`)
  const [row, column] = layout === 'NCHW' ? [2, 3] : [1, 2]
  const shape = [...x]
  shape[row] = side(x[row]!, 0)
  shape[column] = side(x[column]!, 1)
  if (channels !== undefined) shape[channelAxis(4, layout)] = channels
  return shape
}

type Convolving = Extract<Operation, { op: 'convolution' | 'transposedConvolution' }>

function convolved(operation: Convolving, x: number[], [weight, bias]: Input[], layout: Layout): number[] {
  const { strides, pads } = operation
  if (weight?.shape.length !== 4) throw new GraphProblem('has weights of another rank than 4')
  const [first, second, height, width] = weight.shape as [number, number, number, number]
  const isTransposed = operation.op === 'transposedConvolution'
  const groups = isTransposed ? 1 : operation.groups
  const [takes, gives] = isTransposed ? [first, second] : [second * groups, first]
  const kernel: Pair = [height, width]
  const dilations = isTransposed ? [1, 1] : operation.dilations
  const lengths = [...kernel, ...strides, ...dilations, groups]
  if (lengths.some((length) => !(length >= 1))) throw new GraphProblem('has a kernel, stride or group count below 1')
  if (Object.values(pads).some((pad) => !(pad >= 0))) throw new GraphProblem('pads by less than nothing')
  const channels = x.length === 4 ? x[channelAxis(4, layout)] : undefined
  if (channels !== undefined && channels !== takes)
    throw new GraphProblem(`takes ${takes} channels and gets ${channels}`)
  if (gives % groups !== 0) throw new GraphProblem(`has ${gives} filters for ${groups} groups`)
  requireVector(bias, gives, 'a bias')
  if (isTransposed && strides[0] !== strides[1]) throw new GraphProblem('has two different strides')
  const ways = bothAxes({ kernel, strides, pads })
  const side = (size: number, axis: 0 | 1): number => {
    const way = ways[axis]
    return isTransposed
      ? (size - 1) * way.stride + way.kernel - way.before - way.after + operation.outputPads[axis]
      : countWindows(size, { ...way, kernel: spreadOf(way.kernel, operation.dilations[axis]) })
  }
  return withImage(x, layout, side, gives)
}

function requireVector(input: Input | undefined, length: number, what: string): void {
  if (input && (input.isValue || input.shape.length !== 1 || input.shape[0] !== length))
    throw new GraphProblem(`has ${what} of shape ${write(input.shape)} for ${length} channels`)
}

function multiplied(x: number[], [weight, bias]: Input[]): number[] {
  if (weight?.shape.length !== 2 || weight.isValue) throw new GraphProblem('has no weights [out, in]')
  const [out, takes] = weight.shape as [number, number]
  if (x.length < 2 || x.at(-1) !== takes) throw new GraphProblem(`takes ${takes} numbers and gets ${write(x)}`)
  requireVector(bias, out, 'a bias')
  return [...x.slice(0, -1), out]
}

function normalized(x: number[], vectors: Input[], layout: Layout): number[] {
  if (vectors.length !== 4) throw new GraphProblem(`has ${vectors.length} weights in place of 4`)
  if (x.length < 2 || x.length > 5) throw new GraphProblem(`gets ${write(x)}`)
  const channels = x[channelAxis(x.length, layout)]!
  for (const vector of vectors) requireVector(vector, channels, 'weights')
  return x
}

function matrixProduct(x: number[], [second]: Input[]): number[] {
  const y = second?.shape ?? []
  const isFit = second?.isValue
    ? x.length >= 3 && x.length === y.length && String(x.slice(0, -2)) === String(y.slice(0, -2))
    : x.length >= 2 && y.length === 2
  if (!isFit || x.at(-1) !== y.at(-2)) throw new GraphProblem(`multiplies ${write(x)} with ${write(y)}`)
  return [...x.slice(0, -1), y.at(-1)!]
}

/** NumPy's rules; the images' axis is met by nothing but itself or 1. */
function broadcast(inputs: readonly Input[]): number[] {
  const values = inputs.filter(({ isValue }) => isValue)
  const rank = values[0]?.shape.length ?? 0
  const refuse = () => new GraphProblem(`joins ${inputs.map(({ shape }) => write(shape)).join(' and ')}`)
  if (inputs.length !== 2 || !values.length || inputs.some(({ shape }) => shape.length > rank)) throw refuse()
  if (values.some(({ shape }) => shape.length !== rank)) throw refuse()
  return Array.from({ length: rank }, (_, axis) => {
    const lengths = inputs.map(({ shape }) => shape[axis - rank + shape.length] ?? 1)
    const longest = lengths.includes(0) ? 0 : Math.max(...lengths)
    if (lengths.some((length) => length !== 1 && length !== longest)) throw refuse()
    if (axis === 0 && inputs.some(({ shape, isValue }) => !isValue && shape.length === rank && shape[0] !== 1))
      throw refuse()
    return longest
  })
}

function joined(inputs: readonly Input[], axis: number): number[] {
  const [first, ...others] = inputs.map(({ shape }) => [...shape])
  const shape = first!
  if (inputs.some(({ isValue }) => !isValue)) throw new GraphProblem('joins values with a constant')
  for (const other of others) {
    if (other.length !== shape.length || other.some((length, at) => at !== axis && length !== shape[at]))
      throw new GraphProblem(`joins ${write(shape)} and ${write(other)}`)
    shape[axis]! += other[axis]!
  }
  return shape
}

function reshaped(x: number[], to: number[]): number[] {
  if (to[0] !== 0) throw new GraphProblem('shapes images together with others')
  const asked = to.map((length, axis) => {
    if (length === -2) return x[x.length - to.length + axis] ?? NaN
    return length === 0 ? (x[axis] ?? NaN) : length
  })
  const known = product(asked.filter((length) => length !== -1))
  const shape = asked.map((length) => (length === -1 ? product(x) / known : length))
  const isWhole = shape.every((length) => Number.isInteger(length) && length >= 0)
  if (!isWhole || asked.filter((length) => length === -1).length > 1 || product(shape) !== product(x))
    throw new GraphProblem(`shapes ${write(x)} to ${write(to)}`)
  return shape
}
