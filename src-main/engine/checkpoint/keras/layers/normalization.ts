import { listOf, type Json } from '../json.ts'
import { onlyInput, type LayerCall, type Lowering, type WeightRequest } from './layer-call.ts'
import { flagOf, numberOf, unknown } from './settings.ts'

const batchNormalization: Lowering = (call) => {
  const x = onlyInput(call)
  const channels = channelsOf(call)
  const request = (name: string, role: WeightRequest['role']): WeightRequest => ({
    name,
    shape: [channels],
    layout: 'plain',
    role
  })
  const hasScale = flagOf(call, 'scale', true)
  const hasShift = flagOf(call, 'center', true)
  const names = call.weights([
    ...(hasScale ? [request('gamma', 'normalization')] : []),
    ...(hasShift ? [request('beta', 'normalization')] : []),
    request('moving_mean', 'statistic'),
    request('moving_variance', 'statistic')
  ])
  const all = (value: number): string => call.constant(Array.from({ length: channels }, () => value))
  const scale = hasScale ? names.shift()! : all(1)
  const shift = hasShift ? names.shift()! : all(0)
  const epsilon = numberOf(call, 'epsilon', 1e-3)
  return call.add({ op: 'batchNorm', epsilon }, [x.name, scale, shift, ...names], x.shape)
}

/** (x - mean) / max(sqrt(variance), 1e-7), or back; both from the settings, or learnt from data and kept as weights. */
const normalization: Lowering = (call) => {
  const x = onlyInput(call)
  const channels = channelsOf(call)
  const [mean, variance] = [call.config.get('mean') ?? null, call.config.get('variance') ?? null]
  const given = mean === null || variance === null ? null : [mean, variance].map((v) => numbersOf(call, v, channels))
  if (flagOf(call, 'invert', false)) {
    if (!given) throw call.refuse('is inverted with numbers that it learnt, which is not known here')
    const deviation = given[1]!.map((v) => Math.max(Math.sqrt(v), smallestDeviation))
    const stretched = call.add({ op: 'mul' }, [x.name, call.constant(deviation)], x.shape)
    return call.add({ op: 'add' }, [stretched.name, call.constant(given[0]!)], x.shape)
  }
  const statistics = given ? given.map((values) => call.constant(values)) : learnt(call, channels)
  const [ones, zeros] = [1, 0].map((value) => call.constant(Array.from({ length: channels }, () => value)))
  const operation = { op: 'batchNorm', epsilon: smallestDeviation ** 2 } as const
  return call.add(operation, [x.name, ones!, zeros!, ...statistics], x.shape)
}

const smallestDeviation = 1e-7
/** For each a number is made. */
const mostChannels = 2 ** 20

function learnt(call: LayerCall, channels: number): string[] {
  const statistic = (name: string): WeightRequest => ({ name, shape: [channels], layout: 'plain', role: 'statistic' })
  const counter: WeightRequest = { name: 'count', shape: [], layout: 'plain', role: 'counter' }
  return call.weights([statistic('mean'), statistic('variance'), counter]).slice(0, 2)
}

/** scale x + offset. */
const rescaling: Lowering = (call) => {
  const x = onlyInput(call)
  const channels = channelsOf(call)
  const numbers = (name: string, otherwise: number): string =>
    call.constant(numbersOf(call, call.config.get(name) ?? otherwise, channels))
  const scaled = call.add({ op: 'mul' }, [x.name, numbers('scale', 1)], x.shape)
  return call.add({ op: 'add' }, [scaled.name, numbers('offset', 0)], x.shape)
}

/** Length of the last axis, which must be the one that the layer normalises. Throws by the call. */
function channelsOf(call: LayerCall): number {
  const { shape } = onlyInput(call)
  const axis = call.config.get('axis') ?? -1
  const axes = listOf(axis) ?? [axis]
  if (axes.length !== 1 || (axes[0] !== -1 && axes[0] !== shape.length)) throw unknown(call, 'axis', axis)
  const channels = shape.at(-1)
  if (channels == null) throw call.refuse('normalises channels whose number the model leaves open')
  if (channels > mostChannels)
    throw call.refuse(`normalises ${channels} channels; at most ${mostChannels} are known here`)
  return channels
}

/** One number, or one for each channel, however deeply they lie in lists of one. */
function numbersOf(call: LayerCall, value: Json, channels: number): number[] {
  const numbers: number[] = []
  const collect = (item: Json): void => {
    if (typeof item === 'number') numbers.push(item)
    else if (Array.isArray(item)) item.forEach(collect)
    else throw call.refuse('has a setting that should be a number')
  }
  collect(value)
  if (numbers.length !== 1 && numbers.length !== channels)
    throw call.refuse(`has ${numbers.length} numbers for ${channels} channels`)
  return numbers.length === channels ? numbers : Array.from({ length: channels }, () => numbers[0]!)
}

/** Layers that shift and scale. */
export const normalizationLayers = new Map<string, Lowering>([
  ['BatchNormalization', batchNormalization],
  ['BatchNormalizationV1', batchNormalization],
  ['BatchNormalizationV2', batchNormalization],
  ['SyncBatchNormalization', batchNormalization],
  ['Normalization', normalization],
  ['Rescaling', rescaling]
])
