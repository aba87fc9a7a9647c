import { UserError } from '../../../../src-shared/errors.ts'
import { follow } from '../../model/follow.ts'
import type { BatchNorm, Convolution, TransposedConvolution } from '../../model/layer.ts'
import { permute } from '../keras/variables.ts'
import { crop, pad } from './encode-pooling.ts'
import type { KerasWeight, Made, Target } from './topology.ts'

/** A weight by its name. Throws UserError where it is missing. */
export function weightOf({ weights }: Target, name: string): KerasWeight {
  const weight = weights.get(name)
  if (!weight) throw new UserError(`The checkpoint has no tensor "${name}", which its network needs.`)
  return { shape: weight.shape, make: () => weight.data }
}

/** A weight of a shape with its axes in another order. */
export function moved({ make }: KerasWeight, shape: number[], order: number[]): KerasWeight {
  return { shape: order.map((axis) => shape[axis]!), make: () => permute(make(), shape, order) }
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

/** A convolution, by padding of its own where `same` is another; depthwise where every channel is a group. Throws UserError. */
export function encodeConvolution(target: Target, layer: Convolution, x: Made): Made {
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

/** A transposed convolution and its bias, what its padding takes cut off again. Throws UserError. */
export function encodeTransposed(target: Target, layer: TransposedConvolution, x: Made): Made {
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

/** BatchNorm with its statistics. Throws UserError where a tensor is missing. */
export function encodeBatchNorm(target: Target, { name }: BatchNorm, x: Made): Made {
  const weights = {
    gamma: weightOf(target, `${name}.weight`),
    beta: weightOf(target, `${name}.bias`),
    moving_mean: weightOf(target, `${name}.running_mean`),
    moving_variance: weightOf(target, `${name}.running_var`)
  }
  const config = { axis: -1, momentum: 0.9, epsilon: 1e-5, center: true, scale: true }
  return target.topology.add('BatchNormalization', { wanted: name, config, inputs: [x], weights }, x.place)
}
