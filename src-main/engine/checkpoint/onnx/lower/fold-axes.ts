import { rangeOf } from '../../../model/graph/axes.ts'
import { GraphProblem } from '../../../model/graph/problem.ts'
import { numbersOf, type Call } from './call.ts'
import { countOf, type Fixed } from './facts.ts'
import { stretch } from './stretch.ts'

type Numbers = { shape: number[]; data: number[]; isInteger: boolean }

const mostNumbers = 2 ** 20

/** What operators that move numbers make of known ones; null for all others. */
export function foldAxes(call: Call): Numbers | null {
  const { op } = call.node
  if (!folded.has(op)) return null
  const x = call.needed(0)
  const data = numbersOf(x)
  const { isInteger } = x
  switch (op) {
    case 'Concat': {
      const parts = call.inputs() as Fixed[]
      const axis = axisIn(call.integer('axis', 0), x.shape.length)
      return { ...joinParts(parts, axis), isInteger }
    }
    case 'Gather': {
      const indices = call.needed(1)
      const axis = axisIn(call.integer('axis', 0), x.shape.length)
      const length = x.shape[axis]!
      const at = numbersOf(indices).map((index) => (index < 0 ? index + length : index))
      if (at.some((index) => !(index >= 0 && index < length))) throw new GraphProblem('takes what is not there')
      const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)]
      return { shape, data: pick(x.shape, data, axis, at), isInteger }
    }
    case 'Slice': {
      let now = { shape: [...x.shape], data }
      const { axes, starts, ends, steps } = slicesOf(call, x.shape.length)
      axes.forEach((axis, index) => {
        const range = { start: starts[index]!, end: ends[index]!, step: steps[index]! }
        const { first, count } = rangeOf(now.shape[axis]!, range)
        const at = Array.from({ length: count }, (_, position) => first + position * range.step)
        const shape = now.shape.map((length, each) => (each === axis ? count : length))
        now = { shape, data: pick(now.shape, now.data, axis, at) }
      })
      return { ...now, isInteger }
    }
    case 'Squeeze': {
      const axes = axesIn(call, x.shape.length) ?? x.shape.flatMap((length, axis) => (length === 1 ? [axis] : []))
      return { shape: x.shape.filter((_, axis) => !axes.includes(axis)), data, isInteger }
    }
    case 'Unsqueeze': {
      const asked = call.numbers('axes') ?? call.list(1) ?? []
      const rank = x.shape.length + asked.length
      const axes = asked.map((axis) => axisIn(axis, rank))
      const left = [...x.shape]
      return {
        shape: Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : left.shift()!)),
        data,
        isInteger
      }
    }
    case 'Reshape': {
      const asked = call.numbers('shape') ?? call.list(1) ?? []
      const filled = asked.map((length, axis) => (length === 0 ? (x.shape[axis] ?? 0) : length))
      const rest = countOf(filled.filter((length) => length !== -1))
      const shape = filled.map((length) => (length === -1 ? data.length / rest : length))
      if (countOf(shape) !== data.length)
        throw new GraphProblem(`shapes ${data.length} numbers to [${asked.join(', ')}]`)
      return { shape, data, isInteger }
    }
    case 'Transpose': {
      const permutation = call.numbers('perm') ?? x.shape.map((_, axis) => x.shape.length - 1 - axis)
      if (String(permutation.toSorted((a, b) => a - b)) !== String(x.shape.map((_, axis) => axis)))
        throw new GraphProblem(`has the permutation [${permutation.join(', ')}]`)
      const shape = permutation.map((axis) => x.shape[axis]!)
      const steps = permutation.map((axis) => countOf(x.shape.slice(axis + 1)))
      const strides = shape.map((_, axis) => countOf(shape.slice(axis + 1)))
      const moved = data.map((_, at) => {
        const from = steps.reduce((sum, step, axis) => sum + step * (Math.floor(at / strides[axis]!) % shape[axis]!), 0)
        return data[from]!
      })
      return { shape, data: moved, isInteger }
    }
    case 'Expand': {
      const asked = call.list(1) ?? []
      if (asked.some((length) => Number.isNaN(length))) throw new GraphProblem('repeats a constant for each image')
      const rank = Math.max(asked.length, x.shape.length)
      const shape = Array.from({ length: rank }, (_, axis) =>
        Math.max(asked[axis - rank + asked.length] ?? 1, x.shape[axis - rank + x.shape.length] ?? 1)
      )
      if (!(countOf(shape) <= mostNumbers)) throw new GraphProblem('makes a large table, which is not known here')
      return { shape, data: stretch({ shape: x.shape, data }, shape), isInteger }
    }
    default: {
      const axes = axesIn(call, x.shape.length)
      if (axes && axes.length < x.shape.length) return null
      const shape = call.integer('keepdims', 1) ? x.shape.map(() => 1) : []
      return { shape, data: [countOf(data)], isInteger }
    }
  }
}

const folded = new Set([
  'Concat',
  'Gather',
  'Slice',
  'Squeeze',
  'Unsqueeze',
  'Reshape',
  'Transpose',
  'Expand',
  'ReduceProd'
])

function axisIn(axis: number, rank: number): number {
  const at = axis < 0 ? axis + rank : axis
  if (!Number.isInteger(at) || at < 0 || at >= rank) throw new GraphProblem(`has no axis ${axis}: it gets ${rank} axes`)
  return at
}

const axesIn = (call: Call, rank: number): number[] | null =>
  (call.numbers('axes') ?? call.list(1))?.map((axis) => axisIn(axis, rank)) ?? null

function joinParts(parts: readonly Fixed[], axis: number): { shape: number[]; data: number[] } {
  const shape = [...parts[0]!.shape]
  const behind = countOf(shape.slice(axis + 1))
  for (const part of parts.slice(1)) {
    const isAlike = part.shape.every((length, at) => at === axis || length === shape[at])
    if (part.shape.length !== shape.length || !isAlike) throw new GraphProblem('joins what has different shapes')
    shape[axis]! += part.shape[axis]!
  }
  const before = countOf(shape.slice(0, axis))
  const lists = parts.map((part) => ({ data: numbersOf(part), run: part.shape[axis]! * behind }))
  const data = Array.from({ length: before }, (_, line) =>
    lists.flatMap((list) => list.data.slice(line * list.run, (line + 1) * list.run))
  ).flat()
  return { shape, data }
}

/** The entries at positions of one axis. */
function pick(shape: readonly number[], data: readonly number[], axis: number, at: readonly number[]): number[] {
  const behind = countOf(shape.slice(axis + 1))
  const length = shape[axis]!
  const before = countOf(shape.slice(0, axis))
  return Array.from({ length: before }, (_, line) =>
    at.flatMap((index) => data.slice((line * length + index) * behind, (line * length + index + 1) * behind))
  ).flat()
}

/** What a Slice takes, of old and new versions. */
export function slicesOf(
  call: Call,
  rank: number
): { axes: number[]; starts: number[]; ends: number[]; steps: number[] } {
  const isOld = call.opset < 10
  const starts = (isOld ? call.numbers('starts') : call.list(1)) ?? []
  const ends = (isOld ? call.numbers('ends') : call.list(2)) ?? []
  const axes = (isOld ? call.numbers('axes') : call.list(3)) ?? starts.map((_, axis) => axis)
  const steps = (isOld ? null : call.list(4)) ?? starts.map(() => 1)
  if ([ends, axes, steps].some(({ length }) => length !== starts.length))
    throw new GraphProblem(`has ${starts.length} starts, ${ends.length} ends, ${axes.length} axes`)
  if ([...starts, ...ends, ...steps].some((value) => Number.isNaN(value)))
    throw new GraphProblem('reckons with the number of images')
  return { axes: axes.map((axis) => axisIn(axis, rank)), starts, ends, steps }
}
