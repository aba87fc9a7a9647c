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
}

/** Batch normalisation, momentum 0.1 and epsilon 1e-5 as in PyTorch. */
export type BatchNorm = { kind: 'batchNorm'; name: string; channels: number }

/** relu(body(x) + shortcut(x)); an empty shortcut is the identity. */
export type Residual = { kind: 'residual'; body: Layer[]; shortcut: Layer[] }

/** A piece of a network, plain data: shapes, costs and the forward pass are all read off it. */
export type Layer = Convolution | BatchNorm | { kind: 'relu' } | Residual

/** Fully connected layer; weights [outFeatures, inFeatures] and bias. */
export type Linear = { kind: 'linear'; name: string; inFeatures: number; outFeatures: number }

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
  heads: string
  classes: number
  inputChannels: number
  stem: Layer[]
  stages: Layer[][]
  exits: Exit[]
}

/** Visits every layer that has weights, in the order of the forward pass. */
export function* weightedLayers(layers: Layer[]): Generator<Convolution | BatchNorm> {
  for (const layer of layers) {
    if (layer.kind === 'residual') {
      yield* weightedLayers(layer.body)
      yield* weightedLayers(layer.shortcut)
    } else if (layer.kind !== 'relu') yield layer
  }
}

/** For instance `ResNet18, width 8, 10 classes, 4 exits`. */
export function describeNetwork(network: Network): string {
  const exits = network.exits.length === 1 ? '1 exit' : `${network.exits.length} exits`
  return `${network.family}${network.depth}, width ${network.width}, ${network.classes} classes, ${exits}`
}
