import type { Output } from '../../model/graph/find-exits.ts'
import type { GraphBody, GraphNode } from '../../model/graph/graph.ts'
import { quote } from '../../pickle/values.ts'
import type { StoredTensor } from '../format.ts'
import { callKey, orderCalls, type Call } from './call-order.ts'
import type { ValueRef } from './inbound-nodes.ts'
import { listOf } from './json.ts'
import { knownLayers } from './known-layers.ts'
import { describeShape, type LayerCall, type Shape, type Value, type WeightRequest } from './layers/layer-call.ts'
import type { ModelConfig } from './model-config.ts'
import type { Refuse } from './refuse.ts'
import { inPytorchLayout, pathOf, pytorchShape, type Variables } from './variables.ts'

/** Which program wrote a file: its layers mean what they mean there. */
export type Writer = { isKeras3: boolean; isTfjs: boolean }

/** A model as a graph, the tensors that it names, and the values that it gives, in the file's order. */
export type Lowered = { body: GraphBody; tensors: Map<string, StoredTensor>; outputs: Output[] }

/** Models within models may call each other more often than there is time or memory for. */
const mostCalls = 20_000
/** More exits than any network has. */
const mostOutputs = 100

/**
 * A Keras model as a graph in the layout NHWC. Throws by `refuse` where a layer's class is not known here, where its weights
 * are missing or of another shape, or where layers do not fit together.
 */
export function lowerModel(model: ModelConfig, variables: Variables, writer: Writer, refuse: Refuse): Lowered {
  const graph: Building = {
    calls: 0,
    nodes: [],
    names: new Map(),
    specs: new Map(),
    tensors: new Map(),
    constants: new Map(),
    variables,
    writer,
    refuse
  }
  const { length } = model.outputs
  if (length > mostOutputs) throw refuse(`its model has ${length} outputs; at most ${mostOutputs} are read`)
  const input = inputOf(model, refuse)
  graph.names.set(input.value.name, 1)
  const values = lowerCalls(graph, model, [], [input.value])
  const outputs = values.map(({ name: value }, index) => ({ name: outputName(model.outputs[index]!), value }))
  const { nodes, constants, tensors } = graph
  const specs = [...graph.specs.values()]
  const { name, shape } = input.value
  const channels = shape.at(-1)!
  return {
    body: { layout: 'NHWC', input: { value: name, channels, size: input.size }, nodes, tensors: specs, constants },
    tensors,
    outputs
  }
}

/** An output is called as its layer; of the further ones of a model within the model, with a number behind. */
const outputName = ({ layer, value }: ValueRef): string => (value === 0 ? layer : `${layer}:${value + 1}`)

type Building = {
  /** Of layers, so far. */
  calls: number
  nodes: GraphNode[]
  /** Of values, tensors and constants, and how often each was asked for. */
  names: Map<string, number>
  specs: Map<string, GraphBody['tensors'][number]>
  tensors: Map<string, StoredTensor>
  constants: GraphBody['constants']
  variables: Variables
  writer: Writer
  refuse: Refuse
}

/** The images that a model takes: one input, square. Throws by `refuse`. */
function inputOf({ inputs, layers }: ModelConfig, refuse: Refuse): { value: Value; size: number | null } {
  const [ref] = inputs
  if (!ref || inputs.length > 1)
    throw refuse(`its model takes ${inputs.length} inputs; networks of one input are opened`)
  const layer = layers.find(({ name }) => name === ref.layer)
  const config = layer?.className === 'InputLayer' ? layer.config : null
  const given = listOf(config?.get('batch_shape') ?? config?.get('batch_input_shape'))
  if (!given) throw refuse("its model does not say what its input's shape is; save it with an input shape")
  const shape: Shape = given.slice(1).map((length) => (typeof length === 'number' ? length : null))
  const [height, width, channels] = shape
  const isImage = shape.length === 3 && channels != null
  if (!isImage || shape.some((length) => length !== null && !(Number.isInteger(length) && length >= 1)))
    throw refuse(
      `its model takes values of the shape ${describeShape(shape)}; images [?, height, width, channels] are opened`
    )
  if (height !== width)
    throw refuse(`its model takes images of ${height ?? '?'} x ${width ?? '?'} pixels; square ones are opened`)
  return { value: { name: ref.layer, shape }, size: height ?? null }
}

/** Adds the nodes of a model's layers; gives what it gives. `within` are the names of the models that it lies in. */
function lowerCalls(graph: Building, model: ModelConfig, within: string[], inputs: Value[]): Value[] {
  const made = new Map<string, Value[]>()
  for (const call of orderCalls(model, graph.refuse)) {
    if (++graph.calls > mostCalls) throw graph.refuse(`its model calls layers more than ${mostCalls} times`)
    const { layer } = call
    const given = call.inputs.map((ref): Value => {
      if (typeof ref === 'number')
        return { name: addConstant(graph, [ref], `${pathOf([...within, layer.name])}/constant`), shape: [] }
      const value = made.get(callKey(ref))?.[ref.value]
      if (value) return value
      throw graph.refuse(`its model takes value ${ref.value + 1} of layer ${quote(ref.layer)}, which gives fewer`)
    })
    const key = callKey({ layer: layer.name, call: call.call })
    if (layer.className === 'InputLayer') {
      const at = model.inputs.findIndex((ref) => ref.layer === layer.name)
      if (!inputs[at]) throw graph.refuse(`layer ${quote(layer.name)} is an input that nothing is given to`)
      made.set(key, [inputs[at]])
    } else made.set(key, lowerCall(graph, call, within, given))
  }
  return model.outputs.map((ref) => {
    const value = made.get(callKey(ref))?.[ref.value]
    if (!value)
      throw graph.refuse(
        `its model has value ${ref.value + 1} of layer ${quote(ref.layer)} as an output, which gives fewer`
      )
    return value
  })
}

function lowerCall(graph: Building, { layer }: Call, within: string[], inputs: Value[]): Value[] {
  const { name, className, config, model } = layer
  const names = [...within, name]
  const path = pathOf(names)
  const refuse: Refuse = (what) => graph.refuse(`layer ${quote(path)} of the class ${quote(className)} ${what}`)
  if (model) {
    if (inputs.length !== model.inputs.length)
      throw refuse(`takes ${model.inputs.length} inputs, but gets ${inputs.length}`)
    return lowerCalls(graph, model, names, inputs)
  }
  const lower = knownLayers.get(className)
  if (!lower) throw refuse(className === 'Lambda' ? lambda : 'is not known here')
  const call: LayerCall = {
    name: path,
    className,
    config,
    inputs,
    ...graph.writer,
    refuse,
    add: (operation, from, shape) => {
      const output = ownName(graph, path)
      graph.nodes.push({ ...operation, output, inputs: from })
      return { name: output, shape }
    },
    weights: (requests) => weightsOf(graph, path, requests, refuse),
    constant: (data) => addConstant(graph, data, `${path}/constant`)
  }
  return [lower(call)]
}

function addConstant(graph: Building, data: number[], name: string): string {
  const own = ownName(graph, name)
  graph.constants.set(own, { shape: [data.length], data: Float32Array.from(data) })
  return own
}

const lambda = 'holds Python code, which is never run; replace it by layers of Keras'

/** The name, or with a number behind where it is taken. */
function ownName({ names }: Pick<Building, 'names'>, name: string): string {
  const asked = (names.get(name) ?? 0) + 1
  names.set(name, asked)
  return asked === 1 ? name : ownName({ names }, `${name}:${asked}`)
}

function weightsOf(graph: Building, path: string, requests: WeightRequest[], refuse: Refuse): string[] {
  const stored = graph.variables.get(path) ?? []
  const wanted = requests.map(({ name }) => name).join(', ')
  if (stored.length !== requests.length)
    throw refuse(`needs the weights ${wanted}, but the file has ${stored.length} for it`)
  return requests.map(({ name, shape, layout, role }, index) => {
    const variable = stored[index]!
    if (String(variable.shape) !== String(shape))
      throw refuse(
        `needs its ${name} in the shape [${shape.join(', ')}], but the file has [${variable.shape.join(', ')}]`
      )
    const own = `${path}/${name}`
    // What counts how often it was adapted has no part in what it computes.
    if (role === 'counter' || graph.specs.get(own)) return own
    if (graph.names.has(own)) throw refuse(`can't be told from another: both are called ${quote(own)}`)
    graph.names.set(own, 1)
    graph.tensors.set(own, inPytorchLayout(variable, layout))
    const place = { stage: 0, part: 'backbone' } as const
    const isTransposed = layout === 'transposed' ? { isTransposed: true as const } : {}
    graph.specs.set(own, { name: own, shape: pytorchShape(shape, layout), role, ...place, ...isTransposed })
    return own
  })
}
