import { quote } from '../../pickle/values.ts'
import type { LayerConfig, ModelConfig } from './model-config.ts'
import type { Taken, ValueRef } from './inbound-nodes.ts'
import type { Refuse } from './refuse.ts'

/** A call of a layer, and what it takes. */
export type Call = { layer: LayerConfig; call: number; inputs: Taken[] }

/** A call's place in a map. */
export const callKey = ({ layer, call }: { layer: string; call: number }): string => `${call} ${layer}`

/** A model that lies in another one may be called thousands of times. */
const known = new WeakMap<ModelConfig, Call[]>()

/** As `findOrder`; a model is put in order once. */
export function orderCalls(model: ModelConfig, refuse: Refuse): Call[] {
  const before = known.get(model)
  if (before) return before
  const calls = findOrder(model, refuse)
  known.set(model, calls)
  return calls
}

/**
 * The calls of a model's layers on which its outputs depend, each behind those that it takes values of. Throws by `refuse`
 * where a call waits for itself, or takes what no layer gives.
 */
function findOrder({ layers, outputs }: ModelConfig, refuse: Refuse): Call[] {
  const calls = new Map<string, Call>()
  for (const layer of layers)
    // A layer of inputs is called by the model itself.
    (layer.calls.length ? layer.calls : [[]]).forEach((inputs, call) =>
      calls.set(callKey({ layer: layer.name, call }), { layer, call, inputs })
    )
  const find = (ref: ValueRef): Call => {
    const found = calls.get(callKey(ref))
    if (!found) throw refuse(`its model takes a value of ${quote(ref.layer)}, which it has no such layer or call for`)
    return found
  }
  const ordered: Call[] = []
  const state = new Map<Call, 'open' | 'done'>()
  // Without recursion: models may be deeper than the stack.
  const stack = outputs.map(find).reverse()
  for (let call = stack.at(-1); call; call = stack.at(-1)) {
    if (!state.has(call)) {
      state.set(call, 'open')
      const waiting = call.inputs
        .filter((taken) => typeof taken !== 'number')
        .map(find)
        .filter((input) => state.get(input) !== 'done')
      if (waiting.some((input) => state.get(input) === 'open'))
        throw refuse(`layer ${quote(call.layer.name)} of its model waits for what it makes itself`)
      stack.push(...waiting)
      continue
    }
    if (state.get(call) === 'open') ordered.push(call)
    state.set(call, 'done')
    stack.pop()
  }
  return ordered
}
