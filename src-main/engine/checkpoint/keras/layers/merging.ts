import { describeShape, type LayerCall, type Lowering, type Shape, type Value } from './layer-call.ts'
import { numberOf, unknown } from './settings.ts'

type Pairwise = 'add' | 'sub' | 'mul' | 'div' | 'maximum' | 'minimum'

const merged =
  (op: Pairwise): Lowering =>
  (call) => {
    const [first, ...rest] = atLeastTwo(call)
    if ((op === 'sub' || op === 'div') && rest.length > 1)
      throw call.refuse(`takes ${rest.length + 1} inputs instead of two`)
    return rest.reduce((a, b) => call.add({ op }, [a.name, b.name], broadcast(call, a.shape, b.shape)), first!)
  }

const average: Lowering = (call) => {
  const sum = merged('add')(call)
  return call.add({ op: 'mul' }, [sum.name, call.constant([1 / call.inputs.length])], sum.shape)
}

const concatenate: Lowering = (call) => {
  const inputs = atLeastTwo(call)
  const rank = inputs[0]!.shape.length
  const given = numberOf(call, 'axis', -1)
  const axis = given < 0 ? given + rank + 1 : given
  if (!Number.isInteger(axis) || axis < 1 || axis > rank) throw unknown(call, 'axis', given)
  const at = axis - 1
  const shape = [...inputs[0]!.shape]
  for (const { shape: other } of inputs.slice(1)) {
    if (other.length !== rank || other.some((length, index) => index !== at && !agree(length, shape[index]!)))
      throw call.refuse(`can't join values of the shapes ${describeShape(shape)} and ${describeShape(other)}`)
    const [before, more] = [shape[at]!, other[at]!]
    shape[at] = before === null || more === null ? null : before + more
  }
  return call.add(
    { op: 'concat', axis },
    inputs.map(({ name }) => name),
    shape
  )
}

const agree = (a: number | null, b: number | null): boolean => a === null || b === null || a === b

function atLeastTwo({ inputs, refuse }: LayerCall): Value[] {
  if (inputs.length < 2) throw refuse(`takes ${inputs.length} inputs instead of two or more`)
  return inputs
}

/** The shape of both together, an axis of length 1 and a number without axes repeated. Throws by the call where they do not fit. */
function broadcast(call: LayerCall, a: Shape, b: Shape): Shape {
  if (!a.length || !b.length) return a.length ? a : b
  const fits =
    a.length === b.length && a.every((length, axis) => agree(length, b[axis]!) || length === 1 || b[axis] === 1)
  if (!fits) throw call.refuse(`can't put together values of the shapes ${describeShape(a)} and ${describeShape(b)}`)
  return a.map((length, axis) => (length === 1 ? b[axis]! : length === null && b[axis] !== 1 ? b[axis]! : length))
}

/** Layers of several inputs. */
export const mergingLayers = new Map<string, Lowering>([
  ['Add', merged('add')],
  ['Subtract', merged('sub')],
  ['Multiply', merged('mul')],
  // Not layers, but what Keras 3 makes of x / y.
  ['Divide', merged('div')],
  ['TrueDivide', merged('div')],
  ['Maximum', merged('maximum')],
  ['Minimum', merged('minimum')],
  ['Average', average],
  ['Concatenate', concatenate]
])
