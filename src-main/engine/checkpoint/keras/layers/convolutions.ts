import type { Pads } from '../../../model/graph/graph.ts'
import { activate } from './activations.ts'
import { describeShape, imageInput, onlyInput, type LayerCall, type Lowering, type Value } from './layer-call.ts'
import { flagOf, isSame, lengthOf, pairOf, type Pair } from './settings.ts'
import { slide } from './windows.ts'

const conv2d: Lowering = (call) => {
  const image = imageInput(call)
  const filters = lengthOf(call, 'filters')
  const groups = lengthOf(call, 'groups', 1)
  const windows = windowsOf(call)
  if (image.channels % groups !== 0 || filters % groups !== 0)
    throw call.refuse(`cuts ${image.channels} channels and ${filters} filters into ${groups} groups`)
  const { pads, height, width } = slide(call, image, windows)
  const names = call.weights([
    {
      name: 'kernel',
      shape: [...windows.kernel, image.channels / groups, filters],
      layout: 'convolution',
      role: 'convolution'
    },
    ...biasOf(call, filters)
  ])
  const { strides, dilations } = windows
  const operation = { op: 'convolution', strides, pads, dilations, groups } as const
  return activate(call, call.add(operation, [image.value.name, ...names], [height, width, filters]))
}

const depthwise: Lowering = (call) => {
  const { channels } = imageInput(call)
  const filters = channels * lengthOf(call, 'depth_multiplier', 1)
  const [kernel, ...bias] = call.weights([depthwiseKernel(call, channels), ...biasOf(call, filters)])
  return activate(call, applyDepthwise(call, [kernel!, ...bias]))
}

const separable: Lowering = (call) => {
  const { channels } = imageInput(call)
  const middle = channels * lengthOf(call, 'depth_multiplier', 1)
  const filters = lengthOf(call, 'filters')
  const [first, ...rest] = call.weights([
    depthwiseKernel(call, channels),
    { name: 'pointwise_kernel', shape: [1, 1, middle, filters], layout: 'convolution', role: 'convolution' },
    ...biasOf(call, filters)
  ])
  const x = applyDepthwise(call, [first!])
  const [height = null, width = null] = x.shape
  return activate(call, call.add(pointwise, [x.name, ...rest], [height, width, filters]))
}

const transposed: Lowering = (call) => {
  const image = imageInput(call)
  const filters = lengthOf(call, 'filters')
  const { kernel, strides, dilations, isSame } = windowsOf(call)
  if (dilations[0] !== 1 || dilations[1] !== 1) throw call.refuse('is dilated, which is not known here')
  if ((call.config.get('output_padding') ?? null) !== null)
    throw call.refuse('has an output_padding, which is not known here')
  // What `same` cuts off again, and what kernels smaller than the stride leave open.
  const cut = kernel.map((length, axis) => (isSame ? Math.max(0, length - strides[axis]!) : 0))
  const outputPads = kernel.map((length, axis) => Math.max(0, strides[axis]! - length)) as Pair
  const [rows, columns] = [cut[0]!, cut[1]!]
  const [top, left] = [Math.floor(rows / 2), Math.floor(columns / 2)]
  const pads: Pads = { top, bottom: rows - top, left, right: columns - left }
  const grown = (size: number | null, axis: 0 | 1): number | null =>
    size === null ? null : (size - 1) * strides[axis] + kernel[axis] - cut[axis]! + outputPads[axis]
  const names = call.weights([
    { name: 'kernel', shape: [...kernel, filters, image.channels], layout: 'transposed', role: 'convolution' },
    ...biasOf(call, filters)
  ])
  return activate(
    call,
    call.add(
      { op: 'transposedConvolution', strides, pads, outputPads },
      [image.value.name, ...names],
      [grown(image.height, 0), grown(image.width, 1), filters]
    )
  )
}

/** Of images, a convolution of single pixels. */
const dense: Lowering = (call) => {
  const x = onlyInput(call)
  const units = lengthOf(call, 'units')
  const inputs = x.shape.at(-1)
  if (inputs == null) throw call.refuse(`takes rows of numbers, but gets values of the shape ${describeShape(x.shape)}`)
  const isRow = x.shape.length !== 3
  const names = call.weights([
    {
      name: 'kernel',
      shape: [inputs, units],
      layout: isRow ? 'linear' : 'pointwise',
      role: isRow ? 'linear' : 'convolution'
    },
    ...biasOf(call, units)
  ])
  const shape = [...x.shape.slice(0, -1), units]
  return activate(call, call.add(isRow ? { op: 'linear' } : pointwise, [x.name, ...names], shape))
}

const noPads: Pads = { top: 0, bottom: 0, left: 0, right: 0 }
const pointwise = { op: 'convolution', strides: [1, 1], pads: noPads, dilations: [1, 1], groups: 1 } as {
  op: 'convolution'
  strides: Pair
  pads: Pads
  dilations: Pair
  groups: number
}

const windowsOf = (call: LayerCall) => ({
  kernel: pairOf(call, 'kernel_size'),
  strides: pairOf(call, 'strides'),
  dilations: pairOf(call, 'dilation_rate'),
  isSame: isSame(call)
})

const biasOf = (call: LayerCall, length: number) =>
  flagOf(call, 'use_bias', true)
    ? [{ name: 'bias', shape: [length], layout: 'plain' as const, role: 'bias' as const }]
    : []

const depthwiseKernel = (call: LayerCall, channels: number) => ({
  name: 'depthwise_kernel',
  shape: [...pairOf(call, 'kernel_size'), channels, lengthOf(call, 'depth_multiplier', 1)],
  layout: 'depthwise' as const,
  role: 'convolution' as const
})

function applyDepthwise(call: LayerCall, weights: string[]): Value {
  const image = imageInput(call)
  const windows = windowsOf(call)
  const { pads, height, width } = slide(call, image, windows)
  const { strides, dilations } = windows
  const filters = image.channels * lengthOf(call, 'depth_multiplier', 1)
  const operation = { op: 'convolution', strides, pads, dilations, groups: image.channels } as const
  return call.add(operation, [image.value.name, ...weights], [height, width, filters])
}

/** Layers that multiply with weights. */
export const weightedLayers = new Map<string, Lowering>([
  ['Conv2D', conv2d],
  ['Convolution2D', conv2d],
  ['DepthwiseConv2D', depthwise],
  ['SeparableConv2D', separable],
  ['SeparableConvolution2D', separable],
  ['Conv2DTranspose', transposed],
  ['Convolution2DTranspose', transposed],
  ['Dense', dense]
])
