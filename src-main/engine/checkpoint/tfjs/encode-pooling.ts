import { UserError } from '../../../../src-shared/errors.ts'
import { windowsOf } from '../../../../src-shared/networks/check-spec.ts'
import type { MaxPool } from '../../model/layer.ts'
import type { Made, Target } from './topology.ts'

/** Keras's settings of a pooling layer. */
export const pooling = (kernel: number | [number, number], stride: number, padding = 'valid') => ({
  pool_size: Array.isArray(kernel) ? kernel : [kernel, kernel],
  strides: [stride, stride],
  padding,
  data_format: 'channels_last'
})

/** Zeros around images: before and behind rows, then columns. */
export const pad = ({ topology }: Target, x: Made, sides: number[][]): Made =>
  topology.add(
    'ZeroPadding2D',
    { wanted: 'pad', config: { padding: sides, data_format: 'channels_last' }, inputs: [x] },
    { ...x.place, size: x.place.size + sides[0]![0]! + sides[0]![1]! }
  )

/** Images without so many pixels at the top and left, and at the bottom and right. */
export const crop = ({ topology }: Target, x: Made, before: number, after: number): Made => {
  const side = [before, after]
  return topology.add(
    'Cropping2D',
    { wanted: 'crop', config: { cropping: [side, side], data_format: 'channels_last' }, inputs: [x] },
    { ...x.place, size: x.place.size - before - after }
  )
}

/**
 * What lies outside must never be the largest, and zeros may be: so the largest around every pixel (`same` knows what lies
 * outside), and of these every stride-th.
 */
export function encodeMaxPool(target: Target, layer: MaxPool, x: Made): Made {
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
export function encodeUpsample({ topology }: Target, x: Made): Made {
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
