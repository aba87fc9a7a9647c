import { axisOf } from '../../../model/graph/axes.ts'
import { GraphProblem } from '../../../model/graph/problem.ts'
import type { Call } from './call.ts'
import { countOf, known, type Value } from './facts.ts'
import { slicesOf } from './fold-axes.ts'
import type { Operator } from './operators.ts'

const constant: Operator = (call) => {
  const name = call.node.outputs[0] ?? ''
  const tensor = call.tensor('value')
  if (tensor) return [tensor]
  const isInteger = call.has('value_int') || call.has('value_ints')
  const list = call.numbers('value_ints') ?? call.numbers('value_floats')
  if (list && (call.has('value_ints') || call.has('value_floats'))) return [known(name, [list.length], list, isInteger)]
  if (!call.has('value_int') && !call.has('value_float')) throw new GraphProblem('holds no numbers')
  return [known(name, [], [call.number(isInteger ? 'value_int' : 'value_float', 0)], isInteger)]
}

const concat: Operator = (call) => {
  const inputs = call.inputs().map((input) => {
    if (input.kind !== 'value') throw new GraphProblem('joins values with a constant')
    return input
  })
  return [call.emit({ op: 'concat', axis: call.integer('axis', 1) }, inputs)]
}

const flatten: Operator = (call) => {
  const x = call.value(0)
  const axis = call.integer('axis', 1)
  const at = axis < 0 ? axis + x.shape.length : axis
  if (at !== 1 && countOf(x.shape.slice(1, at)) !== 1)
    throw new GraphProblem(`flattens from axis ${axis} on, across images`)
  return [call.emit({ op: 'reshape', shape: [0, -1] }, [x])]
}

const reshape: Operator = (call) => {
  const x = call.value(0)
  const asked = (call.opset < 5 ? call.numbers('shape') : call.list(1)) ?? call.numbers('shape')
  if (!asked) throw new GraphProblem('does not say to which shape')
  const keepsZero = call.integer('allowzero', 0) === 0
  const lengths = asked.map((length, axis) =>
    length === 0 && keepsZero ? (axis === 0 ? NaN : (x.shape[axis] ?? NaN)) : length
  )
  return [call.emit({ op: 'reshape', shape: reshaping(x.shape, lengths, call.batch) }, [x])]
}

/** A shape as the graph says it: what x has is kept, not repeated, so that it holds for other sizes too. */
function reshaping(from: readonly number[], lengths: readonly number[], batch: number | null): number[] {
  const [first, ...rest] = lengths
  // The images' axis: as many as there are, what is left, or the number that the file was written with.
  if (first !== undefined && first > 1 && first !== batch)
    throw new GraphProblem(`is shaped for ${first} images: export it with a batch of any size`)
  if (rest.some((length) => Number.isNaN(length))) throw new GraphProblem('reckons with the number of images')
  if (!rest.includes(-1) && countOf(rest) !== countOf(from.slice(1)))
    throw new GraphProblem(`shapes [N, ${from.slice(1).join(', ')}] to [${lengths.join(', ')}], across images`)
  if (first === -1 && rest.includes(-1)) throw new GraphProblem('leaves two axes open')
  const shape = rest.map((length, index) => {
    const axis = index + 1
    if (length === -1) return -1
    if (length === from[axis]) return 0
    return length === from[from.length - lengths.length + axis] && from.length - lengths.length + axis > 0 ? -2 : length
  })
  const open = shape.filter((length) => length > 0)
  const isOpen = !shape.includes(-1) && open.length === 1 && open[0]! > 1
  return [0, ...shape.map((length) => (isOpen && length > 0 ? -1 : length))]
}

const transpose: Operator = (call) => {
  const x = call.value(0)
  const permutation = call.numbers('perm') ?? x.shape.map((_, axis) => x.shape.length - 1 - axis)
  return [call.emit({ op: 'transpose', permutation }, [x])]
}

const squeeze: Operator = (call) => {
  const x = call.value(0)
  const asked = call.numbers('axes') ?? call.list(1)
  const axes = asked ?? x.shape.flatMap((length, axis) => (axis > 0 && length === 1 ? [axis] : []))
  return [call.emit({ op: 'squeeze', axes }, [x])]
}

const unsqueeze: Operator = (call) => [
  call.emit({ op: 'unsqueeze', axes: call.numbers('axes') ?? call.list(1) ?? [] }, [call.value(0)])
]

const slice: Operator = (call) => {
  const x = call.value(0)
  const { axes, starts, ends, steps } = slicesOf(call, x.shape.length)
  // Of all images all: exporters write that out.
  const kept = axes.map(
    (axis, index) => !(axis === 0 && starts[index] === 0 && ends[index]! >= 2 ** 31 - 1 && steps[index] === 1)
  )
  const pick = <T>(list: T[]): T[] => list.filter((_, index) => kept[index])
  const parts = { axes: pick(axes), starts: pick(starts), ends: pick(ends), steps: pick(steps) }
  return [call.emit({ op: 'slice', ...parts }, [x])]
}

const split: Operator = (call) => {
  const x = call.value(0)
  const axis = axisOf(call.integer('axis', 0), x.shape.length)
  const length = x.shape[axis]!
  const count = call.node.outputs.length
  const each = Math.ceil(length / count)
  const given = call.numbers('split') ?? call.list(1)
  const lengths = given ?? Array.from({ length: count }, (_, index) => Math.min(each, length - index * each))
  if (lengths.length !== count || lengths.reduce((a, b) => a + b, 0) !== length)
    throw new GraphProblem(`splits ${length} into [${lengths.join(', ')}] for ${count} outputs`)
  let start = 0
  return lengths.map((part) => {
    start += part
    return piece(call, x, axis, start - part, part)
  })
}

const piece = (call: Call, x: Value, axis: number, start: number, length: number): Value =>
  call.emit({ op: 'slice', axes: [axis], starts: [start], ends: [start + length], steps: [1] }, [x])

const mostPieces = 256

const gather: Operator = (call) => {
  const x = call.value(0)
  const axis = axisOf(call.integer('axis', 0), x.shape.length)
  const indices = call.needed(1)
  const length = x.shape[axis]!
  const at = (call.list(1) ?? []).map((index) => (index < 0 ? index + length : index))
  if (at.some((index) => !(index >= 0 && index < length))) throw new GraphProblem('takes what is not there')
  if (indices.shape.length > 1 || at.length > mostPieces || !at.length)
    throw new GraphProblem(`takes ${at.length} positions of [${indices.shape.join(', ')}], which is not known here`)
  const pieces = at.map((index) => piece(call, x, axis, index, 1))
  if (indices.shape.length === 0) return [call.emit({ op: 'squeeze', axes: [axis] }, pieces)]
  return [pieces.length === 1 ? pieces[0]! : call.emit({ op: 'concat', axis }, pieces)]
}

const pad: Operator = (call) => {
  const x = call.value(0)
  const rank = x.shape.length
  call.require('mode', 'constant')
  const isOld = call.opset < 11
  const pads = (isOld ? (call.numbers('pads') ?? call.numbers('paddings')) : call.list(1)) ?? []
  const value = (isOld ? call.number('value', 0) : call.scalar(2)) ?? 0
  const axes = (isOld ? null : call.list(3)) ?? Array.from({ length: rank }, (_, axis) => axis)
  if (pads.length !== 2 * axes.length) throw new GraphProblem(`has ${pads.length} pads for ${axes.length} axes`)
  const before = Array<number>(rank).fill(0)
  const after = Array<number>(rank).fill(0)
  axes.forEach((axis, index) => {
    const own = axis < 0 ? axis + rank : axis
    if (!(own >= 0 && own < rank)) throw new GraphProblem(`has no axis ${axis}: it gets ${rank} axes`)
    before[own] = pads[index]!
    after[own] = pads[axes.length + index]!
  })
  return [call.emit({ op: 'pad', before, after, value }, [x])]
}

const expand: Operator = (call) => {
  const x = call.value(0)
  const asked = call.list(1) ?? []
  const isSame = asked.every((length, index) => {
    const own = x.shape[index - asked.length + x.shape.length]
    return length === 1 || length === own || (index === 0 && Number.isNaN(length))
  })
  if (!isSame || asked.length > x.shape.length) throw new GraphProblem('repeats values, which is not known here')
  return [x]
}

const softmax =
  (op: 'softmax' | 'logSoftmax'): Operator =>
  (call) => {
    const x = call.value(0)
    const isOld = call.opset < 13
    const axis = call.integer('axis', isOld ? 1 : -1)
    const own = axis < 0 ? axis + x.shape.length : axis
    // The old ones take everything from their axis on as one.
    if (!isOld || countOf(x.shape.slice(own + 1)) === 1) return [call.emit({ op, axis }, [x])]
    if (own !== 1) throw new GraphProblem(`works from axis ${axis} on, across images`)
    const flat = call.emit({ op: 'flatten', axis: 1 }, [x])
    const y = call.emit({ op, axis: 1 }, [flat])
    return [call.emit({ op: 'reshape', shape: [0, ...x.shape.slice(1)] }, [y])]
  }

/** Operators that move numbers, or work along an axis. */
export const axesOperators: [string, Operator][] = [
  ['Constant', constant],
  ['Concat', concat],
  ['Flatten', flatten],
  ['Reshape', reshape],
  ['Transpose', transpose],
  ['Squeeze', squeeze],
  ['Unsqueeze', unsqueeze],
  ['Slice', slice],
  ['Split', split],
  ['Gather', gather],
  ['Pad', pad],
  ['Expand', expand],
  ['Softmax', softmax('softmax')],
  ['LogSoftmax', softmax('logSoftmax')]
]
