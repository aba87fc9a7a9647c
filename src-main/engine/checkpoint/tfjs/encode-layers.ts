import { windowsOf } from '../../../../src-shared/networks/check-spec.ts'
import { UserError } from '../../../../src-shared/errors.ts'
import { follow } from '../../model/follow.ts'
import type { BatchNorm, Convolution, Layer, MaxPool, TransposedConvolution } from '../../model/layer.ts'
import type { Weight, Weights } from '../../model/weights.ts'
import { permute } from '../keras/variables.ts'
import type { Made, Topology } from './topology.ts'

/** What layers are written into, and the weights they are written with. */
export type Target = { topology: Topology; weights: Weights }

/** Adds layers one behind the other; gives what the last one gives. Throws UserError for what tfjs has no layers for. */
export const encodeLayers = (target: Target, layers: readonly Layer[], input: Made): Made =>
  layers.reduce((x, layer) => encodeLayer(target, layer, x), input)

function encodeLayer(target: Target, layer: Layer, x: Made): Made {
  const { topology } = target
  const place = follow([layer], x.place)
  const one = (className: string, wanted: string, config: Record<string, unknown> = {}): Made =>
    topology.add(className, { wanted, config, inputs: [x] }, place)
  switch (layer.kind) {
    case 'convolution':
      return convolution(target, layer, x)
    case 'transposedConvolution':
      return transposed(target, layer, x)
    case 'batchNorm':
      return batchNorm(target, layer, x)
    case 'relu':
      return one('Activation', 'relu', { activation: 'relu' })
    case 'relu6':
      return one('ReLU', 'relu6', { max_value: 6 })
    case 'sigmoid':
      return one('Activation', 'sigmoid', { activation: 'sigmoid' })
    case 'maxPool':
      return maxPool(target, layer, x)
    case 'averagePool':
      return one('AveragePooling2D', 'average_pool', pooling(layer.kernel, layer.kernel))
    case 'adaptiveAverage': {
      const kernel = x.place.size / layer.size
      if (kernel === 1) return x
      if (!Number.isInteger(kernel))
        throw new UserError(
          `tfjs has no layer that averages ${x.place.size} pixels to ${layer.size}; export it as safetensors or PyTorch instead.`
        )
      return one('AveragePooling2D', 'average_pool', pooling(kernel, kernel))
    }
    case 'upsample':
      return upsample(target, x)
    case 'padChannels': {
      // Zeros are padded to rows only: channels become rows, and then channels again.
      const { before = 0, channels } = layer
      const rows = topology.add('Permute', { wanted: 'to_rows', config: { dims: [3, 1, 2] }, inputs: [x] }, x.place)
      const sides = [
        [before, channels - before],
        [0, 0]
      ]
      const padded = pad(target, rows, sides)
      return topology.add('Permute', { wanted: 'to_channels', config: { dims: [2, 3, 1] }, inputs: [padded] }, place)
    }
    case 'residual': {
      const inputs = [encodeLayers(target, layer.body, x), encodeLayers(target, layer.shortcut, x)]
      const sum = topology.add('Add', { wanted: 'add', inputs }, place)
      return layer.relu ? encodeLayer(target, { kind: 'relu' }, sum) : sum
    }
    case 'concat': {
      const inputs = layer.branches.map((branch) => encodeLayers(target, branch, x))
      return topology.add('Concatenate', { wanted: 'concat', config: { axis: -1 }, inputs }, place)
    }
    case 'gate':
      return topology.add('Multiply', { wanted: 'gate', inputs: [x, encodeLayers(target, layer.mask, x)] }, place)
  }
}

const pooling = (kernel: number | [number, number], stride: number, padding = 'valid') => ({
  pool_size: Array.isArray(kernel) ? kernel : [kernel, kernel],
  strides: [stride, stride],
  padding,
  data_format: 'channels_last'
})

const pad = ({ topology }: Target, x: Made, sides: number[][]): Made =>
  topology.add(
    'ZeroPadding2D',
    { wanted: 'pad', config: { padding: sides, data_format: 'channels_last' }, inputs: [x] },
    { ...x.place, size: x.place.size + sides[0]![0]! + sides[0]![1]! }
  )

const crop = ({ topology }: Target, x: Made, before: number, after: number): Made => {
  const side = [before, after]
  return topology.add(
    'Cropping2D',
    { wanted: 'crop', config: { cropping: [side, side], data_format: 'channels_last' }, inputs: [x] },
    { ...x.place, size: x.place.size - before - after }
  )
}

/** A weight by its name. Throws UserError where it is missing. */
export function weightOf({ weights }: Target, name: string): Weight {
  const weight = weights.get(name)
  if (!weight) throw new UserError(`The checkpoint has no tensor "${name}", which its network needs.`)
  return weight
}

function moved(weight: Weight, shape: number[], order: number[]): Weight {
  return { shape: order.map((axis) => shape[axis]!), data: permute(weight.data, shape, order) }
}

/** Keras's settings of a convolution. */
const windows = ({ kernel, stride, bias }: Pick<Convolution, 'kernel' | 'stride' | 'bias'>, padding = 'valid') => ({
  kernel_size: [kernel, kernel],
  strides: [stride, stride],
  padding,
  data_format: 'channels_last',
  dilation_rate: [1, 1],
  activation: 'linear',
  use_bias: bias
})

function convolution(target: Target, layer: Convolution, x: Made): Made {
  const { name, inChannels, outChannels, kernel, stride, padding, bias, groups = 1 } = layer
  const isDepthwise = groups > 1 && groups === inChannels
  if (groups > 1 && !isDepthwise)
    throw new UserError(
      `tfjs has no layer for convolutions in ${groups} groups, as "${name}" is one; export it as safetensors or PyTorch instead.`
    )
  const keepsSize = stride === 1 && 2 * padding === kernel - 1
  const side = [padding, padding]
  const input = padding === 0 || keepsSize ? x : pad(target, x, [side, side])
  const shape = [outChannels, inChannels / groups, kernel, kernel]
  const weight = weightOf(target, `${name}.weight`)
  const biases = bias ? { bias: weightOf(target, `${name}.bias`) } : {}
  const settings = windows(layer, keepsSize ? 'same' : 'valid')
  const place = follow([layer], x.place)
  if (!isDepthwise) {
    const weights = { kernel: moved(weight, shape, [2, 3, 1, 0]), ...biases }
    const config = { filters: outChannels, ...settings }
    return target.topology.add('Conv2D', { wanted: name, config, inputs: [input], weights }, place)
  }
  const multiplier = outChannels / inChannels
  const kernels = moved(weight, [inChannels, multiplier, kernel, kernel], [2, 3, 0, 1])
  const config = { depth_multiplier: multiplier, ...settings }
  const weights = { depthwise_kernel: kernels, ...biases }
  return target.topology.add('DepthwiseConv2D', { wanted: name, config, inputs: [input], weights }, place)
}

function transposed(target: Target, layer: TransposedConvolution, x: Made): Made {
  const { name, inChannels, outChannels, kernel, stride, padding, bias } = layer
  if (kernel < stride)
    throw new UserError(
      `tfjs has no transposed convolution whose kernel is smaller than its stride, as that of "${name}" is; export it as safetensors or PyTorch instead.`
    )
  const weight = weightOf(target, `${name}.weight`)
  const weights = {
    kernel: moved(weight, [inChannels, outChannels, kernel, kernel], [2, 3, 1, 0]),
    ...(bias ? { bias: weightOf(target, `${name}.bias`) } : {})
  }
  const config = { filters: outChannels, ...windows(layer) }
  const whole = { size: (x.place.size - 1) * stride + kernel, channels: outChannels }
  const made = target.topology.add('Conv2DTranspose', { wanted: name, config, inputs: [x], weights }, whole)
  return padding === 0 ? made : crop(target, made, padding, padding)
}

function batchNorm(target: Target, { name }: BatchNorm, x: Made): Made {
  const weights = {
    gamma: weightOf(target, `${name}.weight`),
    beta: weightOf(target, `${name}.bias`),
    moving_mean: weightOf(target, `${name}.running_mean`),
    moving_variance: weightOf(target, `${name}.running_var`)
  }
  const config = { axis: -1, momentum: 0.9, epsilon: 1e-5, center: true, scale: true }
  return target.topology.add('BatchNormalization', { wanted: name, config, inputs: [x], weights }, x.place)
}

/**
 * What lies outside must never be the largest, and zeros may be: so the largest around every pixel (`same` knows what lies
 * outside), and of these every stride-th.
 */
function maxPool(target: Target, layer: MaxPool, x: Made): Made {
  const { kernel, stride, padding } = layer
  const { size } = x.place
  const count = windowsOf(size, layer)
  const place = { ...x.place, size: count }
  const { topology } = target
  const isWhole = padding === 0 && (count - 1) * stride + kernel <= size
  if (isWhole) {
    const config = pooling(kernel, stride)
    return topology.add('MaxPooling2D', { wanted: 'max_pool', config, inputs: [x] }, place)
  }
  const centre = Math.floor((kernel - 1) / 2)
  const before = centre - padding
  const after = size - before - ((count - 1) * stride + 1)
  if (before < 0 || after < 0)
    throw new UserError(
      `tfjs has no layer for max pooling of ${kernel} x ${kernel} pixels with a padding of ${padding}; export it as safetensors or PyTorch instead.`
    )
  const config = pooling(kernel, 1, 'same')
  const around = topology.add('MaxPooling2D', { wanted: 'max_pool', config, inputs: [x] }, x.place)
  const cropped = before === 0 && after === 0 ? around : crop(target, around, before, after)
  if (stride === 1) return cropped
  return topology.add('MaxPooling2D', { wanted: 'stride', config: pooling(1, stride), inputs: [cropped] }, place)
}

/**
 * Twice the size, bilinear with half-pixel centres: repeated pixels smoothed by 1/4, 1/2, 1/4 along each axis, which is three
 * quarters of the mean of three and a quarter of the pixel itself. `same` means are of the pixels that are there, so that
 * edges come out right. The layer of tfjs that interpolates takes corners in place of centres.
 */
function upsample({ topology }: Target, x: Made): Made {
  const place = { ...x.place, size: 2 * x.place.size }
  const config = { size: [2, 2], data_format: 'channels_last', interpolation: 'nearest' }
  const repeated = topology.add('UpSampling2D', { wanted: 'upsample', config, inputs: [x] }, place)
  const kernels: [number, number][] = [
    [3, 1],
    [1, 3]
  ]
  return kernels.reduce((at, kernel) => {
    const means = { wanted: 'smooth', config: pooling(kernel, 1, 'same'), inputs: [at] }
    const mean = topology.add('AveragePooling2D', means, place)
    return topology.add('Average', { wanted: 'upsampled', inputs: [mean, mean, mean, at] }, place)
  }, repeated)
}
