import type { Convolution, Layer } from '../layer.ts'

/** A convolution's settings; its padding keeps the size at stride 1 where nothing else is said. */
export type ConvolutionOptions = {
  kernel: number
  stride?: number
  padding?: number
  groups?: number
  bias?: boolean
}

/** A convolution by name. */
export function convolution(
  name: string,
  inChannels: number,
  outChannels: number,
  { kernel, stride = 1, padding = (kernel - 1) / 2, groups = 1, bias = false }: ConvolutionOptions
): Convolution {
  const layer: Convolution = { kind: 'convolution', name, inChannels, outChannels, kernel, stride, padding, bias }
  return groups === 1 ? layer : { ...layer, groups }
}

/** Batch normalisation by name. */
export const batchNorm = (name: string, channels: number): Layer => ({ kind: 'batchNorm', name, channels })

export const relu: Layer = { kind: 'relu' }

/** Convolution and BatchNorm, then ReLU where `isActive`. */
export function unit(
  names: [convolution: string, norm: string],
  inChannels: number,
  outChannels: number,
  options: ConvolutionOptions,
  isActive: boolean
): Layer[] {
  const layers = [convolution(names[0], inChannels, outChannels, options), batchNorm(names[1], outChannels)]
  return isActive ? [...layers, relu] : layers
}
