import type { Layer, Residual } from '../layer.ts'
import { batchNorm, convolution, relu, unit } from './unit.ts'

/** Where a block stands, and what it gets and gives. */
export type Position = { name: string; from: number; to: number; stride: number }

/** Convolution and BatchNorm of a shortcut where the shape changes, else nothing; PyTorch's `downsample`. */
const projection = ({ name, from, to, stride }: Position): Layer[] =>
  stride === 1 && from === to
    ? []
    : unit([`${name}.downsample.0`, `${name}.downsample.1`], from, to, { kernel: 1, stride }, false)

/** Two 3x3 convolutions and a shortcut (He et al. 2016). */
export function basicBlock(position: Position): Layer[] {
  const { name, from, to, stride } = position
  const body = [
    ...unit([`${name}.conv1`, `${name}.bn1`], from, to, { kernel: 3, stride }, true),
    ...unit([`${name}.conv2`, `${name}.bn2`], to, to, { kernel: 3 }, false)
  ]
  return [{ kind: 'residual', body, shortcut: projection(position), relu: true }]
}

/** 1x1, 3x3 (in groups: ResNeXt's) and 1x1 convolutions and a shortcut. */
export function bottleneckBlock(position: Position, inner: number, groups: number): Layer[] {
  const { name, from, to, stride } = position
  const body = [
    ...unit([`${name}.conv1`, `${name}.bn1`], from, inner, { kernel: 1 }, true),
    ...unit([`${name}.conv2`, `${name}.bn2`], inner, inner, { kernel: 3, stride, groups }, true),
    ...unit([`${name}.conv3`, `${name}.bn3`], inner, to, { kernel: 1 }, false)
  ]
  return [{ kind: 'residual', body, shortcut: projection(position), relu: true }]
}

/**
 * BatchNorm and ReLU before each convolution (Zagoruyko and Komodakis 2016). Where the shape changes, the shortcut's
 * convolution takes what the first BatchNorm and ReLU give, as in the authors' code.
 */
export function preactivationBlock({ name, from, to, stride }: Position): Layer[] {
  const first = [batchNorm(`${name}.bn1`, from), relu]
  const convolutions = [
    ...unit([`${name}.conv1`, `${name}.bn2`], from, to, { kernel: 3, stride }, true),
    convolution(`${name}.conv2`, to, to, { kernel: 3 })
  ]
  if (stride === 1 && from === to)
    return [{ kind: 'residual', body: [...first, ...convolutions], shortcut: [], relu: false }]
  const shortcut = [convolution(`${name}.shortcut`, from, to, { kernel: 1, stride })]
  return [...first, { kind: 'residual', body: convolutions, shortcut, relu: false }]
}

/**
 * PyramidNet's block (Han et al. 2017, figure 6d): BatchNorm first and last, no ReLU after the sum; the shortcut is
 * averaged down and padded with zero channels.
 */
export function pyramidBlock({ name, from, to, stride }: Position, inner: number | undefined): Layer[] {
  const start = batchNorm(`${name}.bn1`, from)
  const body: Layer[] =
    inner === undefined
      ? [
          start,
          ...unit([`${name}.conv1`, `${name}.bn2`], from, to, { kernel: 3, stride }, true),
          ...unit([`${name}.conv2`, `${name}.bn3`], to, to, { kernel: 3 }, false)
        ]
      : [
          start,
          ...unit([`${name}.conv1`, `${name}.bn2`], from, inner, { kernel: 1 }, true),
          ...unit([`${name}.conv2`, `${name}.bn3`], inner, inner, { kernel: 3, stride }, true),
          ...unit([`${name}.conv3`, `${name}.bn4`], inner, to, { kernel: 1 }, false)
        ]
  const shortcut: Layer[] = []
  if (stride > 1) shortcut.push({ kind: 'averagePool', kernel: stride })
  if (to > from) shortcut.push({ kind: 'padChannels', channels: to - from })
  const block: Residual = { kind: 'residual', body, shortcut, relu: false }
  return [block]
}
