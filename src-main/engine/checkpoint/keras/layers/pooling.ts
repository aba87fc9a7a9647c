import { imageInput, type LayerCall, type Lowering } from './layer-call.ts'
import { flagOf, isSame, pairOf, type Pair } from './settings.ts'
import { slide } from './windows.ts'

const pooled =
  (op: 'maxPool' | 'averagePool'): Lowering =>
  (call) => {
    const image = imageInput(call)
    const kernel = pairOf(call, 'pool_size', [2, 2])
    const strides = pairOf(call, 'strides', kernel)
    const dilations: Pair = [1, 1]
    const { pads, height, width } = slide(call, image, { kernel, strides, dilations, isSame: isSame(call) })
    const window = { kernel, strides, pads, ceil: false }
    const operation = op === 'maxPool' ? { op, ...window } : { op, ...window, countsPads: false }
    return call.add(operation, [image.value.name], [height, width, image.channels])
  }

const global =
  (op: 'mean' | 'max'): Lowering =>
  (call: LayerCall) => {
    const { value, channels } = imageInput(call)
    const keepsAxes = flagOf(call, 'keepdims', false)
    return call.add({ op, axes: [1, 2], keepsAxes }, [value.name], keepsAxes ? [1, 1, channels] : [channels])
  }

/** Layers that take the mean or the largest. */
export const poolingLayers = new Map<string, Lowering>([
  ['MaxPooling2D', pooled('maxPool')],
  ['MaxPool2D', pooled('maxPool')],
  ['AveragePooling2D', pooled('averagePool')],
  ['AvgPool2D', pooled('averagePool')],
  ['GlobalAveragePooling2D', global('mean')],
  ['GlobalAvgPool2D', global('mean')],
  ['GlobalMaxPooling2D', global('max')],
  ['GlobalMaxPool2D', global('max')]
])
