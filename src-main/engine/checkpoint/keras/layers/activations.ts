import { quote } from '../../../pickle/values.ts'
import { objectOf, textOf, type Json } from '../json.ts'
import { onlyInput, type LayerCall, type Lowering, type Value } from './layer-call.ts'
import { numberOf, unknown } from './settings.ts'

type Activate = (call: LayerCall, x: Value) => Value

const plain =
  (op: 'relu' | 'sigmoid' | 'tanh' | 'softplus' | 'swish' | 'hardSwish' | 'gelu' | 'exp'): Activate =>
  (call, x) =>
    call.add({ op }, [x.name], x.shape)

const softmax =
  (op: 'softmax' | 'logSoftmax'): Activate =>
  (call, x) =>
    call.add({ op, axis: x.shape.length }, [x.name], x.shape)

const hardSigmoid: Activate = (call, x) =>
  // Keras 3 made it PyTorch's.
  call.add({ op: 'hardSigmoid', alpha: call.isKeras3 ? 1 / 6 : 0.2, beta: 0.5 }, [x.name], x.shape)

/** Klambauer et al. 2017. */
const selu: Activate = (call, x) => {
  const elu = call.add({ op: 'elu', alpha: 1.6732632423543772 }, [x.name], x.shape)
  return call.add({ op: 'mul' }, [elu.name, call.constant([1.0507009873554805])], x.shape)
}

const softsign: Activate = (call, x) => {
  const size = call.add({ op: 'abs' }, [x.name], x.shape)
  const divisor = call.add({ op: 'add' }, [size.name, call.constant([1])], x.shape)
  return call.add({ op: 'div' }, [x.name, divisor.name], x.shape)
}

const mish: Activate = (call, x) => {
  const soft = call.add({ op: 'softplus' }, [x.name], x.shape)
  const factor = call.add({ op: 'tanh' }, [soft.name], x.shape)
  return call.add({ op: 'mul' }, [x.name, factor.name], x.shape)
}

const clip =
  (min: number, max: number): Activate =>
  (call, x) =>
    call.add({ op: 'clip', min, max }, [x.name], x.shape)

const bent =
  (op: 'leakyRelu' | 'elu', alpha: number): Activate =>
  (call, x) =>
    call.add({ op, alpha }, [x.name], x.shape)

const activations = new Map<string, Activate>([
  ['linear', (_, x) => x],
  ['relu', plain('relu')],
  ['relu6', clip(0, 6)],
  ['leaky_relu', bent('leakyRelu', 0.2)],
  ['elu', bent('elu', 1)],
  ['selu', selu],
  ['sigmoid', plain('sigmoid')],
  ['hard_sigmoid', hardSigmoid],
  ['tanh', plain('tanh')],
  ['softplus', plain('softplus')],
  ['softsign', softsign],
  ['softmax', softmax('softmax')],
  ['log_softmax', softmax('logSoftmax')],
  ['exponential', plain('exp')],
  ['swish', plain('swish')],
  ['silu', plain('swish')],
  ['hard_silu', plain('hardSwish')],
  ['hard_swish', plain('hardSwish')],
  ['gelu', plain('gelu')],
  ['mish', mish],
  // tfjs's words.
  ['hardSigmoid', hardSigmoid]
])

/** What a layer's setting `activation` does to a value. Throws by the call where it is none of Keras's own. */
export function activate(call: LayerCall, x: Value): Value {
  const described = call.config.get('activation') ?? 'linear'
  const layer = layerOf(described)
  if (layer) return layer(call, x)
  const name = textOf(described) ?? nameOf(described)
  const found = activations.get(name)
  if (!found) throw call.refuse(`has the activation ${quote(name)}, which is not known here`)
  return found(call, x)
}

/** A function of Keras's own as Keras 3 writes it, or what else it is. */
function nameOf(described: Json): string {
  const object = objectOf(described)
  return textOf(object?.get('config')) ?? textOf(object?.get('class_name')) ?? 'of an unknown kind'
}

/** An activation that is a layer. */
function layerOf(described: Json): Activate | null {
  const object = objectOf(described)
  const lowering = activationLayers.get(textOf(object?.get('class_name')) ?? '')
  const config = objectOf(object?.get('config'))
  return lowering && config ? (call, x) => lowering({ ...call, config, inputs: [x] }) : null
}

const activation: Lowering = (call) => activate(call, onlyInput(call))

/** max(x, 0) up to `max_value`; below `threshold` a line of `negative_slope`, which need not meet it. */
const relu: Lowering = (call) => {
  const x = onlyInput(call)
  const slope = numberOf(call, 'negative_slope', 0)
  const threshold = numberOf(call, 'threshold', 0)
  const limit = call.config.get('max_value') ?? null
  const max = limit === null ? Infinity : numberOf(call, 'max_value', 0)
  if (threshold === 0 && slope === 0) return max === Infinity ? plain('relu')(call, x) : clip(0, max)(call, x)
  const { shape } = x
  const above = threshold === 0 ? x : call.add({ op: 'mul' }, [x.name, step(call, x, threshold).name], shape)
  const positive = call.add({ op: 'clip', min: 0, max }, [above.name], shape)
  if (slope === 0) return positive
  const shifted = call.add({ op: 'sub' }, [x.name, call.constant([threshold])], shape)
  const below = call.add({ op: 'minimum' }, [shifted.name, call.constant([0])], shape)
  const line = call.add({ op: 'mul' }, [below.name, call.constant([slope])], shape)
  return call.add({ op: 'add' }, [positive.name, line.name], shape)
}

/** 1 above the threshold, 0 elsewhere: a line so steep that no two numbers lie on it. */
function step(call: LayerCall, x: Value, threshold: number): Value {
  const shifted = call.add({ op: 'sub' }, [x.name, call.constant([threshold])], x.shape)
  const steep = call.add({ op: 'mul' }, [shifted.name, call.constant([1e30])], x.shape)
  return call.add({ op: 'clip', min: 0, max: 1 }, [steep.name], x.shape)
}

const leakyRelu: Lowering = (call) => {
  const name = call.config.has('negative_slope') ? 'negative_slope' : 'alpha'
  return bent('leakyRelu', numberOf(call, name, 0.3))(call, onlyInput(call))
}

const elu: Lowering = (call) => bent('elu', numberOf(call, 'alpha', 1))(call, onlyInput(call))

const softmaxLayer: Lowering = (call) => {
  const x = onlyInput(call)
  const axis = numberOf(call, 'axis', -1)
  if (axis !== -1 && axis !== x.shape.length) throw unknown(call, 'axis', axis)
  return softmax('softmax')(call, x)
}

/** Layers that are an activation. */
export const activationLayers = new Map<string, Lowering>([
  ['Activation', activation],
  ['ReLU', relu],
  ['LeakyReLU', leakyRelu],
  ['ELU', elu],
  ['Softmax', softmaxLayer]
])
