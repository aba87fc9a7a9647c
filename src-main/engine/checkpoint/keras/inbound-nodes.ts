import { countOf, listOf, objectOf, textOf, type Json } from './json.ts'
import type { Refuse } from './refuse.ts'

/** A value that a layer gave: of which layer, at which of its calls, which of the values it gave then; from 0. */
export type ValueRef = { layer: string; call: number; value: number }

/** What a call takes: a value, or a number, as in `x + 3`. */
export type Taken = ValueRef | number

const mostInputs = 1000

/** What each call of a layer takes, of `inbound_nodes` as Keras 2 and tfjs or as Keras 3 write it. Throws by `refuse`. */
export function inboundCalls(value: Json | undefined, refuse: Refuse): Taken[][] {
  return (listOf(value) ?? []).map((node) => {
    const called = objectOf(node)
    const refs = called ? refsOfCall(called.get('args'), called.get('kwargs'), refuse) : refsOf(node, refuse)
    if (refs.length > mostInputs) throw refuse(`it takes ${refs.length} inputs; at most ${mostInputs} are read`)
    return refs
  })
}

/** One `[layer, call, value]`, or a list or object of them, in its order. Throws by `refuse`. */
export function refsOf(value: Json | undefined, refuse: Refuse): ValueRef[] {
  const found = refOf(value)
  if (found) return [found]
  const items = listOf(value) ?? (objectOf(value) ? [...objectOf(value)!.values()] : null)
  if (!items) throw refuse('what it takes or gives is not described')
  return items.flatMap((item) => refsOf(item, refuse))
}

/** Keras 3: positional arguments, or the argument called `inputs`; the others are settings of the call. */
function refsOfCall(args: Json | undefined, kwargs: Json | undefined, refuse: Refuse): Taken[] {
  const positional = listOf(args) ?? []
  const given = positional.length ? positional : [objectOf(kwargs)?.get('inputs') ?? null]
  return given.flatMap((item) => kerasTensors(item, refuse))
}

function kerasTensors(value: Json, refuse: Refuse): Taken[] {
  if (typeof value === 'number') return [value]
  if (Array.isArray(value)) return value.flatMap((item) => kerasTensors(item, refuse))
  const tensor = objectOf(value)
  const ref = tensor?.get('class_name') === '__keras_tensor__' ? refOf(historyOf(tensor.get('config'))) : null
  if (!ref) throw refuse('it takes something that is no value of the model')
  return [ref]
}

const historyOf = (config: Json | undefined): Json | undefined => objectOf(config)?.get('keras_history')

/** `[layer, call, value]`, in Keras 2 with settings of the call behind. */
function refOf(value: Json | undefined): ValueRef | null {
  const [name, call, index] = listOf(value) ?? []
  const [layer, callNumber, valueNumber] = [textOf(name), countOf(call), countOf(index)]
  return layer === null || callNumber === null || valueNumber === null
    ? null
    : { layer, call: callNumber, value: valueNumber }
}
