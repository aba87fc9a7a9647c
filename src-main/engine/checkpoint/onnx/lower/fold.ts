import { GraphProblem } from '../../../model/graph/problem.ts'
import type { Call } from './call.ts'
import { numbersOf } from './call.ts'
import { countOf, known, shapeFact, type Fixed } from './facts.ts'
import { foldAxes } from './fold-axes.ts'
import { stretch } from './stretch.ts'

const mostNumbers = 2 ** 20

type Numbers = { shape: number[]; data: number[]; isInteger: boolean }

/**
 * What a node makes of inputs that do not depend on the images: shapes, mostly, and weights under other names. null where the
 * operator reckons with images only. Throws GraphProblem.
 */
export function foldNode(call: Call): Fixed | null {
  const { node } = call
  const name = node.outputs[0] ?? ''
  const made = foldWhole(call, name) ?? foldNumbers(call)
  if (!made) return null
  if (made.data && made.data.length > mostNumbers)
    throw new GraphProblem('makes a large table, which is not known here')
  return 'kind' in made ? made : known(name, made.shape, made.data, made.isInteger)
}

/** What leaves a tensor whole, however large it is. */
function foldWhole(call: Call, name: string): Fixed | null {
  const { node } = call
  switch (node.op) {
    case 'Shape':
    case 'Size': {
      const fact = call.input(0)
      if (!fact) throw new GraphProblem('lacks its input')
      const shape = fact.kind === 'value' ? shapeFact(name, fact) : known(name, [fact.shape.length], fact.shape, true)
      const lengths = numbersOf(shape)
      if (node.op === 'Size') return known(name, [], [countOf(lengths)], true)
      const [start, end] = [call.integer('start', 0), call.integer('end', lengths.length)]
      const part = lengths.slice(start, end)
      return known(name, [part.length], part, true)
    }
    case 'Identity':
    case 'Dropout':
    case 'Cast':
    case 'CastLike': {
      const fixed = call.needed(0)
      if (node.op !== 'Cast') return { ...fixed, name }
      // FLOAT, FLOAT16, DOUBLE, BFLOAT16.
      const to = call.integer('to', 1)
      const isFloat = [1, 10, 11, 16].includes(to)
      if (isFloat && !fixed.isInteger) return { ...fixed, name }
      const cast = isFloat ? (value: number) => value : to === 9 ? truth : Math.trunc
      return known(name, fixed.shape, numbersOf(fixed).map(cast), !isFloat)
    }
    case 'Transpose': {
      const fixed = call.needed(0)
      const permutation = call.numbers('perm') ?? fixed.shape.map((_, axis) => fixed.shape.length - 1 - axis)
      if (fixed.data || fixed.shape.length !== 2 || String(permutation) !== '1,0') return null
      return { ...fixed, name, shape: fixed.shape.toReversed(), isTurned: !fixed.isTurned }
    }
    default:
      return null
  }
}

/** What depends on how many images there are stays unknown. */
const truth = (value: number): number => (Number.isNaN(value) ? NaN : Number(value !== 0))

function foldNumbers(call: Call): Numbers | null {
  const { node } = call
  switch (node.op) {
    case 'Constant':
      return null
    case 'ConstantOfShape': {
      const shape = call.list(0) ?? []
      const fill = call.tensor('value') ?? known('', [1], [0], false)
      const count = countOf(shape)
      if (!(count <= mostNumbers)) throw new GraphProblem(`makes a table of [${shape.join(', ')}]`)
      return { shape, data: Array<number>(count).fill(numbersOf(fill)[0] ?? 0), isInteger: fill.isInteger }
    }
    case 'Range': {
      const [start = 0, limit = 0, step = 1] = [0, 1, 2].map((index) => call.scalar(index) ?? 0)
      const count = Math.max(0, Math.ceil((limit - start) / step))
      if (!(count <= mostNumbers)) throw new GraphProblem('makes a large table, which is not known here')
      const data = Array.from({ length: count }, (_, index) => start + index * step)
      return { shape: [count], data, isInteger: call.needed(0).isInteger }
    }
    default:
      return foldUnary(call) ?? foldBinary(call) ?? foldAxes(call)
  }
}

const unary = new Map<string, (value: number) => number>([
  ['Neg', (value) => -value],
  ['Abs', Math.abs],
  ['Sqrt', Math.sqrt],
  ['Exp', Math.exp],
  ['Log', Math.log],
  ['Floor', Math.floor],
  ['Ceil', Math.ceil],
  ['Reciprocal', (value) => 1 / value],
  ['Not', (value) => 1 - truth(value)]
])

function foldUnary(call: Call): Numbers | null {
  const apply = unary.get(call.node.op)
  if (!apply) return null
  const { shape, isInteger } = call.needed(0)
  return { shape, data: numbersOf(call.needed(0)).map(apply), isInteger }
}

const compare =
  (holds: (a: number, b: number) => boolean) =>
  (a: number, b: number): number =>
    Number.isNaN(a) || Number.isNaN(b) ? NaN : Number(holds(a, b))

const binary = new Map<string, (a: number, b: number, isInteger: boolean) => number>([
  ['Add', (a, b) => a + b],
  ['Sub', (a, b) => a - b],
  ['Mul', (a, b) => a * b],
  ['Div', (a, b, isInteger) => (isInteger ? Math.trunc(a / b) : a / b)],
  ['Mod', (a, b) => a - Math.floor(a / b) * b],
  ['Pow', (a, b) => a ** b],
  ['Max', (a, b) => Math.max(a, b)],
  ['Min', (a, b) => Math.min(a, b)],
  ['Equal', compare((a, b) => a === b)],
  ['Greater', compare((a, b) => a > b)],
  ['Less', compare((a, b) => a < b)],
  ['And', compare((a, b) => a !== 0 && b !== 0)],
  ['Or', compare((a, b) => a !== 0 || b !== 0)]
])

function foldBinary(call: Call): Numbers | null {
  const inputs = call.inputs() as Fixed[]
  if (call.node.op === 'Where') {
    const [condition, yes, no] = inputs.map(expandable)
    const shape = joint([condition, yes, no])
    const [when, then, otherwise] = [condition!, yes!, no!].map((each) => stretch(each, shape))
    const data = when!.map((value, at) => (Number.isNaN(value) ? NaN : value !== 0 ? then![at]! : otherwise![at]!))
    return { shape, data, isInteger: inputs[1]!.isInteger }
  }
  const apply = binary.get(call.node.op)
  if (!apply || !inputs.length) return null
  if (call.node.op === 'Mod' && call.integer('fmod', 0) !== 0) return null
  return inputs.map(expandable).reduce((a, b) => {
    const shape = joint([a, b])
    const [left, right] = [stretch(a, shape), stretch(b, shape)]
    const isInteger = a.isInteger && b.isInteger
    return { shape, data: left.map((value, at) => apply(value, right[at]!, isInteger)), isInteger }
  })
}

const expandable = (fixed: Fixed): Numbers => ({
  shape: fixed.shape,
  data: numbersOf(fixed),
  isInteger: fixed.isInteger
})

/** The shape that all have once they are stretched to each other. */
function joint(inputs: readonly (Numbers | undefined)[]): number[] {
  const shapes = inputs.map((input) => input?.shape ?? [])
  const rank = Math.max(...shapes.map(({ length }) => length))
  const shape = Array.from({ length: rank }, (_, axis) =>
    Math.max(...shapes.map((each) => each[axis - rank + each.length] ?? 1))
  )
  if (!(countOf(shape) <= mostNumbers)) throw new GraphProblem('makes a large table, which is not known here')
  return shape
}
