import type { Tensor4D } from '@tensorflow/tfjs'
import type { ConvolutionOptions, Ops } from '../backend/ops/ops.ts'

type Tf = typeof import('@tensorflow/tfjs')

/** Channels that are convolved together: with fewer, kernels for dense convolutions spend their time on overhead. */
const enoughChannels = 32

/**
 * A convolution in groups, weight [kh,kw,Cin/groups,Cout]; as many groups as channels is a depthwise one. TensorFlow has no
 * gradients of grouped convolutions on CPUs, so others are cut apart, into bundles of groups that are one dense
 * convolution each, with zeros between the groups.
 */
export function convolveGroups(
  tf: Tf,
  ops: Ops,
  x: Tensor4D,
  weight: Tensor4D,
  groups: number,
  options: ConvolutionOptions
): Tensor4D {
  if (groups === 1) return ops.conv2d(x, weight, options)
  const [height, width, each, outChannels] = weight.shape
  if (each === 1 && groups === outChannels)
    return ops.depthwiseConv2d(x, tf.reshape(weight, [height, width, groups, 1]), options)
  const bundle = bundleOf(groups, each)
  const count = groups / bundle
  const dense = (filters: Tensor4D): Tensor4D => (bundle === 1 ? filters : blockDiagonal(tf, filters, bundle))
  if (count === 1) return ops.conv2d(x, dense(weight), options)
  const inputs = tf.split(x, count, 3) as Tensor4D[]
  const filters = tf.split(weight, count, 3) as Tensor4D[]
  return tf.concat(
    inputs.map((input, index) => ops.conv2d(input, dense(filters[index]!), options)),
    3
  )
}

/** How many groups are convolved together: the largest divisor that stays within `enoughChannels`. */
function bundleOf(groups: number, each: number): number {
  let bundle = Math.max(1, Math.min(groups, Math.floor(enoughChannels / each)))
  while (groups % bundle !== 0) bundle--
  return bundle
}

/** [k,k,each,C] of so many groups as [k,k,groups each,C], zero where one group's input meets another's output. */
function blockDiagonal(tf: Tf, filters: Tensor4D, groups: number): Tensor4D {
  const [, , each, channels] = filters.shape
  const perGroup = channels / groups
  const mask = new Float32Array(groups * each * channels)
  for (let row = 0; row < groups * each; row++) {
    const group = Math.floor(row / each)
    mask.fill(1, row * channels + group * perGroup, row * channels + (group + 1) * perGroup)
  }
  return tf.mul(tf.tile(filters, [1, 1, groups, 1]), tf.tensor4d(mask, [1, 1, groups * each, channels]))
}
