import type { BinaryName, UnaryName } from '../../../model/graph/graph.ts'
import { GraphProblem } from '../../../model/graph/problem.ts'
import type { Call } from './call.ts'
import { countOf, type Fixed, type Value } from './facts.ts'
import type { Operator } from './operators.ts'

const unary =
  (op: UnaryName): Operator =>
  (call) => [call.emit({ op }, [call.value(0)])]

const binary =
  (op: BinaryName): Operator =>
  (call) => {
    const inputs = call.inputs()
    if (inputs.length !== 2) throw new GraphProblem(`has ${inputs.length} inputs`)
    return [
      call.emit(
        { op },
        inputs.map((input) => call.operand(input))
      )
    ]
  }

/** Of as many inputs as there are; those that are known first, so that a value comes of each step. */
const chain =
  (op: BinaryName, isMean = false): Operator =>
  (call) => {
    const inputs = call.inputs().toSorted((a, b) => Number(b.kind === 'value') - Number(a.kind === 'value'))
    const [first, ...others] = inputs
    if (first?.kind !== 'value') throw new GraphProblem('has no inputs')
    const all = others.reduce<Value>((sum, input) => call.emit({ op }, [sum, call.operand(input)]), first)
    return [isMean ? call.emit({ op: 'div' }, [all, call.constant([], [inputs.length])]) : all]
  }

const pow: Operator = (call) => {
  const [x, exponent] = call.inputs()
  // Powers of negative numbers are none on some devices.
  if (x?.kind === 'value' && exponent?.kind === 'fixed' && countOf(exponent.shape) === 1 && exponent.data?.[0] === 2)
    return [call.emit({ op: 'mul' }, [x, x])]
  return binary('pow')(call)
}

const clip: Operator = (call) => {
  const isOld = call.opset < 11
  const min = (isOld ? (call.has('min') ? call.number('min', 0) : null) : call.scalar(1)) ?? -Infinity
  const max = (isOld ? (call.has('max') ? call.number('max', 0) : null) : call.scalar(2)) ?? Infinity
  return [call.emit({ op: 'clip', min, max }, [call.value(0)])]
}

const withAlpha =
  (op: 'leakyRelu' | 'elu', otherwise: number): Operator =>
  (call) => [call.emit({ op, alpha: call.number('alpha', otherwise) }, [call.value(0)])]

const hardSigmoid: Operator = (call) => [
  call.emit({ op: 'hardSigmoid', alpha: call.number('alpha', 0.2), beta: call.number('beta', 0.5) }, [call.value(0)])
]

const gelu: Operator = (call) => {
  const approximate = call.text('approximate', 'none')
  return [call.emit({ op: approximate === 'tanh' ? 'geluTanh' : 'gelu' }, [call.value(0)])]
}

const selu: Operator = (call) => {
  const alpha = call.number('alpha', 1.6732632423543772)
  const y = call.emit({ op: 'elu', alpha }, [call.value(0)])
  return [call.emit({ op: 'mul' }, [y, call.constant([], [call.number('gamma', 1.0507009873554805)])])]
}

const mish: Operator = (call) => {
  const x = call.value(0)
  return [call.emit({ op: 'mul' }, [x, call.emit({ op: 'tanh' }, [call.emit({ op: 'softplus' }, [x])])])]
}

/** relu(x) - slope relu(-x). */
const prelu: Operator = (call) => {
  const x = call.value(0)
  const slope: Fixed = call.needed(1)
  const below = call.emit({ op: 'relu' }, [call.emit({ op: 'neg' }, [x])])
  const scaled = call.emit({ op: 'mul' }, [below, call.weights.weight(slope, 'normalization')])
  return [call.emit({ op: 'sub' }, [call.emit({ op: 'relu' }, [x]), scaled])]
}

/** As it is: what training alone changes, and types, which are all floats here. */
const same: Operator = (call: Call) => [call.value(0)]

const dropout: Operator = (call) => {
  if (call.node.inputs[2] && call.scalar(2) !== 0)
    throw new GraphProblem('is in training mode: export the network in evaluation mode')
  return same(call)
}

const cast: Operator = (call) => {
  const type = call.integer('to', 1)
  // FLOAT, FLOAT16, DOUBLE, BFLOAT16.
  if (![1, 10, 11, 16].includes(type)) throw new GraphProblem(`makes whole numbers of values (type ${type})`)
  return same(call)
}

/** Operators that make of each number another one. */
export const elementwiseOperators: [string, Operator][] = [
  ['Relu', unary('relu')],
  ['Sigmoid', unary('sigmoid')],
  ['Tanh', unary('tanh')],
  ['Softplus', unary('softplus')],
  ['HardSwish', unary('hardSwish')],
  ['Erf', unary('erf')],
  ['Exp', unary('exp')],
  ['Log', unary('log')],
  ['Sqrt', unary('sqrt')],
  ['Neg', unary('neg')],
  ['Abs', unary('abs')],
  ['Reciprocal', unary('reciprocal')],
  ['LeakyRelu', withAlpha('leakyRelu', 0.01)],
  ['Elu', withAlpha('elu', 1)],
  ['Selu', selu],
  ['Mish', mish],
  ['PRelu', prelu],
  ['HardSigmoid', hardSigmoid],
  ['Gelu', gelu],
  ['Clip', clip],
  ['Sub', binary('sub')],
  ['Mul', binary('mul')],
  ['Div', binary('div')],
  ['Pow', pow],
  ['Max', chain('maximum')],
  ['Min', chain('minimum')],
  ['Sum', chain('add')],
  ['Mean', chain('add', true)],
  ['Identity', same],
  ['Dropout', dropout],
  ['Cast', cast],
  ['CastLike', same]
]
