import { UserError } from '../../../src-shared/errors.ts'
import type { PickleLimits } from './limits.ts'
import { Tuple, type PickleKey, type PickleValue } from './values.ts'

type Container = PickleValue[] | Tuple | Map<PickleKey, PickleValue>
type Measure = { depth: number; values: number }

const isContainer = (value: PickleValue): value is Container =>
  Array.isArray(value) || value instanceof Tuple || value instanceof Map

const childrenOf = (container: Container): Iterator<PickleValue> =>
  container instanceof Tuple ? container.items.values() : container.values()

/**
 * Throws UserError where a value holds itself, is nested too deeply, or would be too much to go through: a list that holds
 * another one ten times, which holds a third one ten times, is small in memory and endless to a reader.
 */
export function requireTame(name: string, value: PickleValue, limits: Pick<PickleLimits, 'depth' | 'values'>): void {
  if (!isContainer(value)) return
  const measured = new Map<Container, Measure | null>()
  // By hand: the recursion of a hostile file would end the stack.
  const open: { container: Container; rest: Iterator<PickleValue>; measure: Measure }[] = []
  const enter = (container: Container) => {
    if (open.length >= limits.depth) throw new UserError(`${name} is nested more than ${limits.depth} deep.`)
    measured.set(container, null)
    open.push({ container, rest: childrenOf(container), measure: { depth: 1, values: 1 } })
  }
  const add = (to: Measure, { depth, values }: Measure) => {
    to.depth = Math.max(to.depth, depth + 1)
    to.values += values
    if (to.depth > limits.depth) throw new UserError(`${name} is nested more than ${limits.depth} deep.`)
    if (to.values > limits.values)
      throw new UserError(`${name} names the same values again and again: more than ${limits.values} in all.`)
  }
  enter(value)
  while (open.length > 0) {
    const { container, rest, measure } = open[open.length - 1]!
    const { done, value: child } = rest.next()
    if (done) {
      open.pop()
      measured.set(container, measure)
      const parent = open.at(-1)
      if (parent) add(parent.measure, measure)
    } else if (!isContainer(child)) add(measure, { depth: 0, values: 1 })
    else {
      const known = measured.get(child)
      if (known === null) throw new UserError(`${name} holds a container that holds itself.`)
      if (known) add(measure, known)
      else enter(child)
    }
  }
}
