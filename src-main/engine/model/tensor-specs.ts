import { weightedLayers, type Convolution, type Layer, type Linear, type Network } from './layer.ts'

/** What a tensor of a network is: its place, its shape as PyTorch stores it, whether it is trained. */
export type TensorSpec = {
  /** PyTorch's name, for instance `layer1.0.conv1.weight`. */
  name: string
  /**
   * Convolutions [out, in of a group, k, k], transposed ones [in, out, k, k], linear layers [out, in], all else
   * [channels]; counters [].
   */
  shape: number[]
  /** What a convolution's weights are in memory, where `shape` has them flat: [out, in, k, k]. */
  kernelShape?: number[]
  role: 'convolution' | 'normalization' | 'linear' | 'bias' | 'statistic' | 'counter'
  /** 0 is the stem, 1.. the stages; a head's tensors carry the stage they hang on. */
  stage: number
  part: 'backbone' | 'head'
  /** True for the weights of a transposed convolution, whose second dimension is the filters'. */
  isTransposed?: true
}

/** True for tensors that training changes by gradients. */
export const isTrainable = (spec: TensorSpec): boolean => spec.role !== 'statistic' && spec.role !== 'counter'

/** Every tensor of a network, in the order of the forward pass: stem, stages, then exits. */
export function tensorSpecs(network: Network): TensorSpec[] {
  if (network.graph) return network.graph.tensors
  return [
    ...layerSpecs(network.stem, 0, 'backbone'),
    ...network.stages.flatMap((layers, index) => layerSpecs(layers, index + 1, 'backbone')),
    ...network.exits.flatMap(({ exit, head, classifier }) => [
      ...layerSpecs(head, exit, 'head'),
      ...linearSpecs(classifier, exit)
    ])
  ]
}

function layerSpecs(layers: Layer[], stage: number, part: TensorSpec['part']): TensorSpec[] {
  return [...weightedLayers(layers)].flatMap((layer) => {
    const spec = (suffix: string, role: TensorSpec['role'], shape: number[]): TensorSpec => {
      return { name: `${layer.name}.${suffix}`, shape, role, stage, part }
    }
    if (layer.kind !== 'batchNorm') {
      const { kernel } = layer
      const planes =
        layer.kind === 'convolution'
          ? [layer.outChannels, layer.inChannels / (layer.groups ?? 1)]
          : [layer.inChannels, layer.outChannels]
      const plain = spec('weight', 'convolution', [...planes, kernel, kernel])
      const weight: TensorSpec = layer.kind === 'convolution' ? flatten(layer, plain) : { ...plain, isTransposed: true }
      return layer.bias ? [weight, spec('bias', 'bias', [layer.outChannels])] : [weight]
    }
    return [
      spec('weight', 'normalization', [layer.channels]),
      spec('bias', 'normalization', [layer.channels]),
      spec('running_mean', 'statistic', [layer.channels]),
      spec('running_var', 'statistic', [layer.channels]),
      spec('num_batches_tracked', 'counter', [])
    ]
  })
}

const flatten = ({ isFlat }: Convolution, spec: TensorSpec): TensorSpec =>
  isFlat ? { ...spec, shape: [spec.shape[0]!, elementsOf(spec.shape.slice(1))], kernelShape: spec.shape } : spec

const elementsOf = (shape: number[]): number => shape.reduce((a, b) => a * b, 1)

function linearSpecs({ name, inFeatures, outFeatures, isPointwise }: Linear, stage: number): TensorSpec[] {
  const weight: Pick<TensorSpec, 'shape' | 'role'> = isPointwise
    ? { shape: [outFeatures, inFeatures, 1, 1], role: 'convolution' }
    : { shape: [outFeatures, inFeatures], role: 'linear' }
  return [
    { name: `${name}.weight`, ...weight, stage, part: 'head' },
    { name: `${name}.bias`, shape: [outFeatures], role: 'bias', stage, part: 'head' }
  ]
}
