import { GraphProblem } from '../../../model/graph/problem.ts'
import type { Pair } from '../../../model/graph/graph.ts'
import type { Call } from './call.ts'
import { countOf, type Fixed, type Value } from './facts.ts'
import type { Operator } from './operators.ts'
import { kernelOf, windowsOf } from './windows.ts'

const convolution: Operator = (call) => {
  const x = call.value(0)
  const weight = call.needed(1)
  const kernel = kernelOf(call, weight.shape.slice(2))
  const { strides, pads, dilations } = windowsOf(call, x, kernel)
  const names = [call.weights.weight(weight, 'convolution'), ...biasOf(call, 2)]
  return [call.emit({ op: 'convolution', strides, pads, dilations, groups: call.integer('group', 1) }, [x, ...names])]
}

const transposed: Operator = (call) => {
  const x = call.value(0)
  const weight = call.needed(1)
  kernelOf(call, weight.shape.slice(2))
  call.require('group', 1)
  const { strides, pads, dilations } = windowsOf(call, x, [1, 1])
  if (dilations.some((dilation) => dilation !== 1)) throw new GraphProblem('has dilations, which are not known here')
  if (call.has('output_shape') || !['NOTSET', 'VALID'].includes(call.text('auto_pad', 'NOTSET')))
    throw new GraphProblem('says the size of what it makes, which is not known here')
  const outputPads = call.exactly('output_padding', 2, 0) as Pair
  if (outputPads.some((pad) => !(pad >= 0))) throw new GraphProblem('pads by less than nothing')
  const names = [call.weights.weight(weight, 'convolution', { isTransposed: true }), ...biasOf(call, 2)]
  return [call.emit({ op: 'transposedConvolution', strides, pads, outputPads }, [x, ...names])]
}

function biasOf(call: Call, index: number): string[] {
  const bias = call.fixed(index)
  return bias ? [call.weights.weight(bias, 'bias')] : []
}

/** The other way round, without reading it. */
const turned = (fixed: Fixed): Fixed => {
  const [rows = 1, columns = 1] = fixed.shape
  const data = fixed.data
    ? Array.from(fixed.data, (_, at) => fixed.data![(at % rows) * columns + Math.floor(at / rows)]!)
    : null
  return { ...fixed, shape: [columns, rows], data, isTurned: !fixed.isTurned }
}

const gemm: Operator = (call) => {
  const x = call.value(0)
  const weight = call.needed(1)
  call.require('transA', 0)
  if (weight.shape.length !== 2) throw new GraphProblem(`has weights of shape [${weight.shape.join(', ')}]`)
  const own = call.integer('transB', 0) ? weight : turned(weight)
  const [alpha, beta] = [call.number('alpha', 1), call.number('beta', 1)]
  const bias = call.fixed(2)
  const out = own.shape[0]!
  const name = call.weights.weight(own, 'linear')
  const isPlain = alpha === 1 && beta === 1
  if (!bias && isPlain) return [call.emit({ op: 'linear' }, [x, name])]
  // One number for all, or a row.
  if (bias && isPlain && countOf(bias.shape) === out && bias.shape.length <= 2)
    return [call.emit({ op: 'linear' }, [x, name, call.weights.weight(bias, 'bias', { shape: [out] })])]
  let y = call.emit({ op: 'linear' }, [x, name])
  if (alpha !== 1) y = call.emit({ op: 'mul' }, [y, call.constant([], [alpha])])
  if (!bias) return [y]
  let offset: string = call.weights.constant(bias)
  if (beta !== 1) {
    if (!bias.data) throw new GraphProblem(`scales its bias by ${beta}, which is not known here`)
    offset = call.constant(
      bias.shape,
      Array.from(bias.data, (value) => value * beta)
    )
  }
  return [call.emit({ op: 'add' }, [y, offset])]
}

const matMul: Operator = (call) => {
  const [x, weight] = [call.value(0), call.input(1)]
  if (!weight) throw new GraphProblem('lacks its input 2')
  if (weight.kind === 'value') return [call.emit({ op: 'matMul' }, [x, weight])]
  if (weight.shape.length !== 2) throw new GraphProblem(`multiplies with weights of ${weight.shape.length} axes`)
  return [call.emit({ op: 'linear' }, [x, call.weights.weight(turned(weight), 'linear')])]
}

/** Also the bias of the MatMul before it. */
const add: Operator = (call) => {
  const inputs = call.inputs()
  const index = inputs.findIndex(({ kind }) => kind === 'value')
  const [value, other] = [inputs[index], inputs[1 - index]]
  if (inputs.length === 2 && value?.kind === 'value' && other?.kind === 'fixed' && !other.isInteger) {
    const out = value.shape.at(-1)!
    const isBias = countOf(other.shape) === out && other.shape.length === 1
    // Under another name (by Identity, Cast) the value has readers that nobody counts here.
    const isOwnName = call.node.inputs[index] === value.name
    if (isBias && isOwnName && call.readersOf(value.name) === 1 && call.takesBias(value)) {
      call.addBias(value, call.weights.weight(other, 'bias'))
      return [value]
    }
  }
  return [
    call.emit(
      { op: 'add' },
      inputs.map((input) => call.operand(input))
    )
  ]
}

const batchNorm: Operator = (call) => {
  const x: Value = call.value(0)
  if (call.integer('training_mode', 0) !== 0)
    throw new GraphProblem('is in training mode: export the network in evaluation mode')
  call.require('spatial', 1)
  const roles = ['normalization', 'normalization', 'statistic', 'statistic'] as const
  const names = roles.map((role, index) => call.weights.weight(call.needed(index + 1), role))
  return [call.emit({ op: 'batchNorm', epsilon: call.number('epsilon', 1e-5) }, [x, ...names])]
}

/** Operators with weights. */
export const weightOperators: [string, Operator][] = [
  ['Conv', convolution],
  ['ConvTranspose', transposed],
  ['Gemm', gemm],
  ['MatMul', matMul],
  ['Add', add],
  ['BatchNormalization', batchNorm]
]
