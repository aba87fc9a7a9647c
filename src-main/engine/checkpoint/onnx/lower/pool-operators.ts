import type { Pair } from '../../../model/graph/graph.ts'
import { GraphProblem } from '../../../model/graph/problem.ts'
import type { Call } from './call.ts'
import type { Operator } from './operators.ts'
import { kernelOf, windowsOf } from './windows.ts'

const pool =
  (op: 'maxPool' | 'averagePool'): Operator =>
  (call) => {
    const x = call.value(0)
    const kernel = kernelOf(call)
    const { dilations, strides, pads } = windowsOf(call, x, kernel)
    if (dilations.some((dilation) => dilation !== 1)) throw new GraphProblem('has dilations, which are not known here')
    const ceil = call.integer('ceil_mode', 0) !== 0
    if (op === 'maxPool') return [call.emit({ op, kernel, strides, pads, ceil }, [x])]
    const countsPads = call.integer('count_include_pad', 0) !== 0
    return [call.emit({ op, kernel, strides, pads, ceil, countsPads }, [x])]
  }

const globalPool =
  (op: 'mean' | 'max'): Operator =>
  (call) => {
    const x = call.value(0)
    const axes = x.shape.map((_, axis) => axis).slice(2)
    return [call.emit({ op, axes, keepsAxes: true }, [x])]
  }

const reduce =
  (op: 'mean' | 'sum' | 'max'): Operator =>
  (call) => {
    const x = call.value(0)
    const { axes, keepsAxes } = reducedAxes(call, x.shape.length)
    return [axes.length ? call.emit({ op, axes, keepsAxes }, [x]) : x]
  }

/** ||x||_2 along axes. */
const reduceL2: Operator = (call) => {
  const x = call.value(0)
  const { axes, keepsAxes } = reducedAxes(call, x.shape.length)
  const squares = call.emit({ op: 'mul' }, [x, x])
  return [call.emit({ op: 'sqrt' }, [call.emit({ op: 'sum', axes, keepsAxes }, [squares])])]
}

function reducedAxes(call: Call, rank: number): { axes: number[]; keepsAxes: boolean } {
  const given = call.numbers('axes') ?? call.list(1)
  const isNone = !given?.length && call.integer('noop_with_empty_axes', 0) !== 0
  const axes = given?.length ? given : isNone ? [] : Array.from({ length: rank }, (_, axis) => axis)
  return { axes, keepsAxes: call.integer('keepdims', 1) !== 0 }
}

const resize: Operator = (call) => {
  const x = call.value(0)
  const isUpsample = call.node.op === 'Upsample'
  const scales = isUpsample ? (call.numbers('scales') ?? call.list(1)) : call.list(call.opset < 11 ? 1 : 2)
  const sizes = isUpsample || call.opset < 11 ? null : call.list(3)
  if (call.has('axes')) throw new GraphProblem('says which axes it resizes, which is not known here')
  if (call.integer('antialias', 0) !== 0) throw new GraphProblem('smooths what it shrinks, which is not known here')
  if (call.text('keep_aspect_ratio_policy', 'stretch') !== 'stretch')
    throw new GraphProblem('keeps the aspect ratio, which is not known here')
  const factors = sizes?.length ? sizes.map((size, axis) => scaleFor(x.shape[axis] ?? 1, size, axis)) : (scales ?? [])
  if (factors.length !== 4 || x.shape.length !== 4) throw new GraphProblem('does not resize images')
  // NaN is the number of images over itself.
  if ((factors[0] !== 1 && !Number.isNaN(factors[0])) || factors[1] !== 1)
    throw new GraphProblem('resizes more than height and width')
  const scale: Pair = [factors[2]!, factors[3]!]
  if (scale.some((factor) => !(factor > 0))) throw new GraphProblem('resizes to nothing')
  const mode = call.text('mode', 'nearest')
  if (mode === 'nearest') requireNearest(call, scale)
  else if (mode === 'linear' || mode === 'bilinear') requireLinear(call)
  else throw new GraphProblem(`resizes in the way ${mode}, which is not known here`)
  return [call.emit({ op: 'resize', mode: mode === 'nearest' ? 'nearest' : 'linear', scale }, [x])]
}

/** The factor of a side that rounds down to the asked one. */
function scaleFor(from: number, to: number, axis: number): number {
  if (axis === 0) return NaN
  const scale = to / from
  return Math.floor(from * scale) === to ? scale : scale * (1 + Number.EPSILON)
}

/** Where the mode says otherwise, pixel floor(i / scale) is the nearest one all the same for most whole factors. */
function requireNearest(call: Call, scale: Pair): void {
  const isOld = call.opset < 11
  const place = isOld ? 'asymmetric' : call.text('coordinate_transformation_mode', 'half_pixel')
  const rounding = isOld ? 'floor' : call.text('nearest_mode', 'round_prefer_floor')
  const isWhole = scale.every((factor) => Number.isInteger(factor))
  const isTwo = scale.every((factor) => factor === 1 || factor === 2)
  const isFine =
    place === 'asymmetric'
      ? rounding === 'floor' || (rounding === 'round_prefer_floor' && isTwo)
      : (place === 'half_pixel' || place === 'pytorch_half_pixel') && rounding.startsWith('round') && isWhole
  if (!isFine)
    throw new GraphProblem(
      `takes the nearest pixel by ${place} and ${rounding}, which is not known here for this factor`
    )
}

function requireLinear(call: Call): void {
  const place = call.opset < 11 ? 'asymmetric' : call.text('coordinate_transformation_mode', 'half_pixel')
  if (place !== 'half_pixel' && place !== 'pytorch_half_pixel')
    throw new GraphProblem(`places pixels in the way ${place}, and only half_pixel is known here`)
}

/** Operators over the pixels of images. */
export const poolOperators: [string, Operator][] = [
  ['MaxPool', pool('maxPool')],
  ['AveragePool', pool('averagePool')],
  ['GlobalAveragePool', globalPool('mean')],
  ['GlobalMaxPool', globalPool('max')],
  ['ReduceMean', reduce('mean')],
  ['ReduceSum', reduce('sum')],
  ['ReduceMax', reduce('max')],
  ['ReduceL2', reduceL2],
  ['Resize', resize],
  ['Upsample', resize]
]
