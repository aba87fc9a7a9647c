import { countOf, listOf } from '../json.ts'
import { describeShape, imageInput, onlyInput, type Lowering, type Shape } from './layer-call.ts'
import { pairOf, sidesOf, unknown } from './settings.ts'

const productOf = (shape: Shape): number | null =>
  shape.reduce<number | null>((product, length) => (product === null || length === null ? null : product * length), 1)

const identity: Lowering = (call) => onlyInput(call)

const flatten: Lowering = (call) => {
  const x = onlyInput(call)
  const format = call.config.get('data_format')
  if (format === 'channels_first') throw call.refuse('has its channels first; only models with channels_last are read')
  return x.shape.length === 1 ? x : call.add({ op: 'flatten', axis: 1 }, [x.name], [productOf(x.shape)])
}

const reshape: Lowering = (call) => {
  const x = onlyInput(call)
  const target = listOf(call.config.get('target_shape'))
  const lengths = target?.map((length) => (length === -1 ? -1 : countOf(length))) ?? []
  const open = lengths.filter((length) => length === -1).length
  if (!target || lengths.some((length) => length === null || length === 0) || open > 1)
    throw unknown(call, 'target_shape', call.config.get('target_shape'))
  const all = productOf(x.shape)
  const fixed = (lengths as number[]).reduce((product, length) => (length === -1 ? product : product * length), 1)
  if (all !== null && (open ? all % fixed !== 0 : all !== fixed))
    throw call.refuse(`can't make ${describeShape(lengths as number[])} of ${describeShape(x.shape)}`)
  const shape = (lengths as number[]).map((length) => (length === -1 ? (all === null ? null : all / fixed) : length))
  return call.add({ op: 'reshape', shape: [0, ...(lengths as number[])] }, [x.name], shape)
}

/** `dims` count from 1, for 0 is the axis of the images. */
const permute: Lowering = (call) => {
  const x = onlyInput(call)
  const dims = listOf(call.config.get('dims'))?.map(countOf) ?? []
  const isWhole = x.shape.every((_, axis) => dims.includes(axis + 1))
  if (dims.length !== x.shape.length || !isWhole) throw unknown(call, 'dims', call.config.get('dims'))
  const permutation = [0, ...(dims as number[])]
  return call.add(
    { op: 'transpose', permutation },
    [x.name],
    (dims as number[]).map((axis) => x.shape[axis - 1]!)
  )
}

const zeroPadding: Lowering = (call) => {
  const { value, height, width, channels } = imageInput(call)
  const { top, bottom, left, right } = sidesOf(call, 'padding')
  const grown = (size: number | null, more: number) => (size === null ? null : size + more)
  return call.add(
    { op: 'pad', before: [0, top, left, 0], after: [0, bottom, right, 0], value: 0 },
    [value.name],
    [grown(height, top + bottom), grown(width, left + right), channels]
  )
}

const cropping: Lowering = (call) => {
  const { value, height, width, channels } = imageInput(call)
  const { top, bottom, left, right } = sidesOf(call, 'cropping')
  if (height === null || width === null)
    throw call.refuse('cuts images whose size the model leaves open; save it with a fixed input size')
  if (top + bottom >= height || left + right >= width)
    throw call.refuse(`leaves nothing of ${height} x ${width} pixels`)
  return call.add(
    { op: 'slice', axes: [1, 2], starts: [top, left], ends: [height - bottom, width - right], steps: [1, 1] },
    [value.name],
    [height - top - bottom, width - left - right, channels]
  )
}

const upSampling: Lowering = (call) => {
  const { value, height, width, channels } = imageInput(call)
  const scale = pairOf(call, 'size', [2, 2])
  const interpolation = call.config.get('interpolation') ?? 'nearest'
  if (interpolation !== 'nearest' && interpolation !== 'bilinear') throw unknown(call, 'interpolation', interpolation)
  if (interpolation === 'bilinear' && call.isTfjs)
    throw call.refuse(
      "interpolates as tfjs does, with the pixels' corners in place of their centres, which is not known here"
    )
  const grown = (size: number | null, factor: number) => (size === null ? null : size * factor)
  const mode = interpolation === 'nearest' ? 'nearest' : 'linear'
  return call.add(
    { op: 'resize', mode, scale },
    [value.name],
    [grown(height, scale[0]), grown(width, scale[1]), channels]
  )
}

/** Layers that do nothing when a network is used. */
const identities = [
  'Dropout',
  'SpatialDropout1D',
  'SpatialDropout2D',
  'AlphaDropout',
  'GaussianDropout',
  'GaussianNoise',
  'ActivityRegularization',
  'Identity'
]

/** Layers that move values, and layers that do nothing. */
export const shapeLayers = new Map<string, Lowering>([
  ...identities.map((name): [string, Lowering] => [name, identity]),
  ['Flatten', flatten],
  ['Reshape', reshape],
  ['Permute', permute],
  ['ZeroPadding2D', zeroPadding],
  ['Cropping2D', cropping],
  ['UpSampling2D', upSampling]
])
