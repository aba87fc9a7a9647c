import { axisOf } from '../../../model/graph/axes.ts'
import { GraphProblem } from '../../../model/graph/problem.ts'
import type { Call } from './call.ts'
import { type Fixed, type Value } from './facts.ts'
import type { Operator } from './operators.ts'

/** (x - mean) / sqrt(variance + epsilon) along axes, by what the graph knows. */
function normalize(call: Call, x: Value, axes: number[]): Value {
  const epsilon = call.number('epsilon', 1e-5)
  const centred = call.emit({ op: 'sub' }, [x, call.emit({ op: 'mean', axes, keepsAxes: true }, [x])])
  const squares = call.emit({ op: 'mul' }, [centred, centred])
  const variance = call.emit({ op: 'mean', axes, keepsAxes: true }, [squares])
  const deviation = call.emit({ op: 'sqrt' }, [call.emit({ op: 'add' }, [variance, call.constant([], [epsilon])])])
  return call.emit({ op: 'div' }, [centred, deviation])
}

/** Times a scale, plus a shift where there is one; both as the file has them, or with axes behind them. */
function scaled(call: Call, x: Value, scale: Fixed | null, shift: Fixed | null, behind = 0): Value {
  const shaped = (fixed: Fixed): string =>
    call.weights.weight(fixed, 'normalization', { shape: [...fixed.shape, ...Array<number>(behind).fill(1)] })
  const y = scale ? call.emit({ op: 'mul' }, [x, shaped(scale)]) : x
  return shift ? call.emit({ op: 'add' }, [y, shaped(shift)]) : y
}

const layerNorm: Operator = (call) => {
  const x = call.value(0)
  const first = axisOf(call.integer('axis', -1), x.shape.length)
  const axes = x.shape.map((_, axis) => axis).slice(first)
  return [scaled(call, normalize(call, x, axes), call.needed(1), call.fixed(2))]
}

const instanceNorm: Operator = (call) => {
  const x = call.value(0)
  const axes = x.shape.map((_, axis) => axis).slice(2)
  return [scaled(call, normalize(call, x, axes), call.needed(1), call.needed(2), axes.length)]
}

const groupNorm: Operator = (call) => {
  const x = call.value(0)
  const groups = call.integer('num_groups', 1)
  const [, channels = 0, ...sides] = x.shape
  if (!(groups >= 1) || channels % groups !== 0) throw new GraphProblem(`has ${groups} groups of ${channels} channels`)
  if (call.opset < 21) throw new GraphProblem('has a scale per group, which is not known here: export it with opset 21')
  const open = sides.map(() => -2)
  const apart = call.emit({ op: 'reshape', shape: [0, groups, channels / groups, ...open] }, [x])
  const axes = apart.shape.map((_, axis) => axis).slice(2)
  const y = call.emit({ op: 'reshape', shape: [0, channels, ...open] }, [normalize(call, apart, axes)])
  return [scaled(call, y, call.needed(1), call.needed(2), sides.length)]
}

/** x / (bias + alpha / size times the sum of squares over neighbouring channels) ^ beta. */
const localResponse: Operator = (call) => {
  const x = call.value(0)
  const size = call.integer('size', 1)
  const channels = x.shape[1] ?? 0
  if (!(size >= 1 && size <= 64) || x.shape.length !== 4) throw new GraphProblem(`works on ${size} channels at once`)
  const lead = Math.floor((size - 1) / 2)
  const before = [0, lead, 0, 0]
  const after = [0, size - 1 - lead, 0, 0]
  const squares = call.emit({ op: 'pad', before, after, value: 0 }, [call.emit({ op: 'mul' }, [x, x])])
  const pieces = Array.from({ length: size }, (_, start) =>
    call.emit({ op: 'slice', axes: [1], starts: [start], ends: [start + channels], steps: [1] }, [squares])
  )
  const sum = pieces.reduce((all, one) => call.emit({ op: 'add' }, [all, one]))
  const share = call.emit({ op: 'mul' }, [sum, call.constant([], [call.number('alpha', 1e-4) / size])])
  const base = call.emit({ op: 'add' }, [share, call.constant([], [call.number('bias', 1)])])
  const power = call.emit({ op: 'pow' }, [base, call.constant([], [call.number('beta', 0.75)])])
  return [call.emit({ op: 'div' }, [x, power])]
}

/** Normalisations other than BatchNorm, made of plain operations. */
export const normOperators: [string, Operator][] = [
  ['LayerNormalization', layerNorm],
  ['InstanceNormalization', instanceNorm],
  ['GroupNormalization', groupNorm],
  ['LRN', localResponse]
]
