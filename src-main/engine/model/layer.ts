import type { HeadName } from '../../../src-shared/networks/network-spec.ts'
import type { Graph } from './graph/graph.ts'

/** Convolution over NHWC images with a square kernel; weights are `name.weight` and `name.bias`. */
export type Convolution = {
  kind: 'convolution'
  name: string
  inChannels: number
  outChannels: number
  kernel: number
  stride: number
  /** Zero pixels added on every side. */
  padding: number
  bias: boolean
  /** Channels are cut into as many groups, each convolved on its own; absent is 1. */
  groups?: number
  /** A fully connected layer on a whole map: its weights are stored as [outChannels, inChannels * kernel * kernel]. */
  isFlat?: true
}

/** Transposed convolution, its bias included; weights [inChannels, outChannels, k, k] as PyTorch's. */
export type TransposedConvolution = Omit<Convolution, 'kind' | 'groups'> & { kind: 'transposedConvolution' }

/** Batch normalisation, momentum 0.1 and epsilon 1e-5 as in PyTorch. */
export type BatchNorm = { kind: 'batchNorm'; name: string; channels: number }

/** body(x) + shortcut(x), then ReLU where `relu`; an empty shortcut is the identity. */
export type Residual = { kind: 'residual'; body: Layer[]; shortcut: Layer[]; relu: boolean }

/** The largest of each window; with `ceil` a window may reach over the far edge. */
export type MaxPool = { kind: 'maxPool'; kernel: number; stride: number; padding: number; ceil: boolean }

/** A layer without weights. */
export type Plain =
  | { kind: 'relu' }
  /** Between 0 and 6. */
  | { kind: 'relu6' }
  | { kind: 'sigmoid' }
  | MaxPool
  /** Means of windows side by side. */
  | { kind: 'averagePool'; kernel: number }
  /** Means of `size` x `size` windows that cover the image, PyTorch's AdaptiveAvgPool2d. */
  | { kind: 'adaptiveAverage'; size: number }
  /** Twice the size, bilinear between the pixels' centres. */
  | { kind: 'upsample' }
  /** Zero channels behind those that are there; `before` of them, where given, lie in front. */
  | { kind: 'padChannels'; channels: number; before?: number }

/** A piece of a network, plain data: shapes, costs and the forward pass are all read off it. */
export type Layer =
  | Convolution
  | TransposedConvolution
  | BatchNorm
  | Residual
  | Plain
  /** What the branches give of the same input, their channels one behind the other. */
  | { kind: 'concat'; branches: Layer[][] }
  /** The input times a mask made of it. */
  | { kind: 'gate'; mask: Layer[] }

/** Fully connected layer; weights [outFeatures, inFeatures] and bias. */
export type Linear = {
  kind: 'linear'
  name: string
  inFeatures: number
  outFeatures: number
  /** SqueezeNet's: a 1x1 convolution [outFeatures, inFeatures, 1, 1] and ReLU before the pooling, so that logits are means. */
  isPointwise?: true
}

/** A classifier hung on a stage: head, global average pooling, fully connected layer. */
export type Exit = {
  /** 1-based number of the stage that it hangs on. */
  exit: number
  head: Layer[]
  classifier: Linear
}

/** A network cut into stages, with an exit after some of them; the last exit is the deepest. */
export type Network = {
  family: string
  depth: number
  width: number
  /** As people write it, for instance `WRN28-12`. */
  title: string
  /** Of the shallow exits; `none` where there is one exit only, `mixed` where they differ. */
  heads: HeadName | 'none' | 'mixed'
  classes: number
  inputChannels: number
  stem: Layer[]
  stages: Layer[][]
  exits: Exit[]
  /** Set where the file held the computation itself: then stem, stages and heads are empty, and this is the network. */
  graph?: Graph
}

/** The lists of layers inside a layer, in the order of their tensors. */
export function partsOf(layer: Layer): Layer[][] {
  switch (layer.kind) {
    case 'residual':
      return [layer.body, layer.shortcut]
    case 'concat':
      return layer.branches
    case 'gate':
      return [layer.mask]
    default:
      return []
  }
}

export type WeightedLayer = Convolution | TransposedConvolution | BatchNorm

/** Visits every layer that has weights, in the order of the forward pass. */
export function* weightedLayers(layers: Layer[]): Generator<WeightedLayer> {
  for (const layer of layers) {
    if (layer.kind === 'convolution' || layer.kind === 'transposedConvolution' || layer.kind === 'batchNorm')
      yield layer
    for (const part of partsOf(layer)) yield* weightedLayers(part)
  }
}

/** For instance `ResNet18, width 8, 10 classes, 4 exits`. */
export function describeNetwork({ title, width, classes, exits, graph }: Network): string {
  const count = exits.length === 1 ? '1 exit' : `${exits.length} exits`
  return `${title}, ${graph ? '' : `width ${width}, `}${classes} classes, ${count}`
}
