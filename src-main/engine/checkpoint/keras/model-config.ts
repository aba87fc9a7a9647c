import { quote } from '../../pickle/values.ts'
import { inboundCalls, refsOf, type Taken, type ValueRef } from './inbound-nodes.ts'
import { listOf, objectOf, textOf, type Json, type JsonObject } from './json.ts'
import type { Refuse } from './refuse.ts'

/** A layer of a Keras model as its configuration describes it. */
export type LayerConfig = {
  name: string
  className: string
  config: JsonObject
  /** What each of its calls takes; a layer that is called twice is shared. */
  calls: Taken[][]
  /** Where the layer is a model of its own. */
  model: ModelConfig | null
}

/** A Functional model; a Sequential one is read as the chain that it is. */
export type ModelConfig = { name: string; layers: LayerConfig[]; inputs: ValueRef[]; outputs: ValueRef[] }

const mostLayers = 10_000

/** A model's configuration as Keras 2, Keras 3 and tfjs write it: `{class_name, config}`. Throws by `refuse`. */
export function readModelConfig(value: Json | undefined, refuse: Refuse): ModelConfig {
  const described = objectOf(value)
  const className = textOf(described?.get('class_name'))
  if (!described || className === null) throw refuse('its model is not described')
  const model = modelOf(className, described, refuse)
  if (model) return model
  throw refuse(
    `it is a model of the class ${quote(className)}, whose computation lies in program code; save it as a Functional or Sequential model`
  )
}

function modelOf(className: string, described: JsonObject, refuse: Refuse): ModelConfig | null {
  const config = described.get('config')
  if (className === 'Sequential') return sequential(config, refuse)
  if (className === 'Functional' || className === 'Model') return functional(objectOf(config), refuse)
  return null
}

function functional(config: JsonObject | null, refuse: Refuse): ModelConfig {
  const layers = listOf(config?.get('layers'))
  if (!config || !layers) throw refuse('its model has no list of layers')
  return countingFromZero({
    name: textOf(config.get('name')) ?? 'model',
    layers: readLayers(layers, refuse),
    inputs: refsOf(config.get('input_layers'), refuse),
    outputs: refsOf(config.get('output_layers'), refuse)
  })
}

/** In Keras 2 a model within a model counts its own making as its first call; it then has a call too few. */
function countingFromZero(model: ModelConfig): ModelConfig {
  const refs = [
    ...model.outputs,
    ...model.layers.flatMap(({ calls }) => calls.flat().filter((taken) => typeof taken !== 'number'))
  ]
  const counts = new Map(model.layers.filter((layer) => layer.model).map(({ name, calls }) => [name, calls.length]))
  const late = new Set(refs.filter(({ layer, call }) => counts.get(layer) === call).map(({ layer }) => layer))
  const earlier = (ref: ValueRef): ValueRef => (late.has(ref.layer) ? { ...ref, call: ref.call - 1 } : ref)
  for (const layer of model.layers)
    layer.calls = layer.calls.map((call) => call.map((taken) => (typeof taken === 'number' ? taken : earlier(taken))))
  return { ...model, outputs: model.outputs.map(earlier) }
}

function sequential(config: Json | undefined, refuse: Refuse): ModelConfig {
  const object = objectOf(config)
  // Keras before 2.2.3 wrote the list alone.
  const list = listOf(config) ?? listOf(object?.get('layers'))
  if (!list) throw refuse('its model has no list of layers')
  const layers = readLayers(list, refuse)
  const first = layers[0]
  if (!first) throw refuse('its model has no layers')
  if (first.className !== 'InputLayer') {
    const shape =
      first.config.get('batch_input_shape') ?? first.config.get('batch_shape') ?? object?.get('build_input_shape')
    const name = `${first.name}_input`
    const config = new Map<string, Json>(shape === undefined ? [] : [['batch_shape', shape]])
    layers.unshift({ name, className: 'InputLayer', config, calls: [], model: null })
    requireOwnNames(layers, refuse)
  }
  layers.forEach((layer, index) => {
    const before = layers[index - 1]
    if (before) layer.calls = [[{ layer: before.name, call: 0, value: 0 }]]
  })
  const refTo = ({ name }: LayerConfig): ValueRef => ({ layer: name, call: 0, value: 0 })
  return {
    name: textOf(object?.get('name')) ?? 'sequential',
    layers,
    inputs: [refTo(layers[0]!)],
    outputs: [refTo(layers.at(-1)!)]
  }
}

function readLayers(list: Json[], refuse: Refuse): LayerConfig[] {
  if (list.length > mostLayers) throw refuse(`its model has ${list.length} layers; at most ${mostLayers} are read`)
  const layers = list.map((item, index) => readLayer(objectOf(item), index, refuse))
  requireOwnNames(layers, refuse)
  return layers
}

function readLayer(described: JsonObject | null, index: number, refuse: Refuse): LayerConfig {
  const className = textOf(described?.get('class_name'))
  if (!described || className === null) throw refuse(`layer ${index + 1} of its model is not described`)
  const config = objectOf(described.get('config')) ?? new Map<string, Json>()
  const name = textOf(described.get('name')) ?? textOf(config.get('name'))
  if (!name) throw refuse(`layer ${index + 1} of its model (${quote(className)}) has no name`)
  requireKeras(described, name, className, refuse)
  const refuseHere: Refuse = (what) => refuse(`layer ${quote(name)}: ${what}`)
  return {
    name,
    className,
    config,
    calls: inboundCalls(described.get('inbound_nodes'), refuseHere),
    model: modelOf(className, described, refuseHere)
  }
}

/** Keras 3 says where a class comes from. */
function requireKeras(described: JsonObject, name: string, className: string, refuse: Refuse): void {
  const module = textOf(described.get('module'))
  const registered = textOf(described.get('registered_name'))
  const isForeign = module !== null && !/^(keras|tf_keras|tensorflow\.keras)(\.|$)/.test(module)
  if (isForeign || (registered !== null && registered !== className))
    throw refuse(
      `layer ${quote(name)} is of the class ${quote(registered ?? className)}, which is not one of Keras's own`
    )
}

function requireOwnNames(layers: LayerConfig[], refuse: Refuse): void {
  const seen = new Set<string>()
  for (const { name } of layers) {
    if (seen.has(name)) throw refuse(`two layers of its model are called ${quote(name)}`)
    seen.add(name)
  }
}
