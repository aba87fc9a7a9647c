import { endianness } from 'node:os'
import { UserError } from '../../../../src-shared/errors.ts'
import type { Exit, Network } from '../../model/layer.ts'
import type { Weights } from '../../model/weights.ts'
import { finishPieces, type Pieces } from '../pieces.ts'
import { encodeLayers } from './encode-layers.ts'
import { moved, weightOf } from './encode-weighted.ts'
import { Topology, type Made, type Target } from './topology.ts'

const shardName = 'group1-shard1of1.bin'

/**
 * A network as a tfjs LayersModel, which `tf.loadLayersModel` opens: `model.json` and one file of weights, by name. It takes
 * images [?, size, size, channels] as the network does and gives the logits of every exit, shallowest first, the outputs
 * named `exit1` and so on. Throws UserError, one sentence, where tfjs has no layers for it.
 */
export const encodeTfjs = (network: Network, weights: Weights, size: number): Map<string, Uint8Array> =>
  finishPieces(encodeTfjsInPieces(network, weights, size))

/** The same in pieces. */
export function* encodeTfjsInPieces(network: Network, weights: Weights, size: number): Pieces<Map<string, Uint8Array>> {
  if (network.graph)
    throw new UserError(
      'tfjs is written of networks of the lab, and this one was read as a graph of operations; keep the file that it came from.'
    )
  const target: Target = { topology: new Topology(), weights }
  const { topology } = target
  const { inputChannels, stem, stages, exits } = network
  const config = { batch_input_shape: [null, size, size, inputChannels], dtype: 'float32', sparse: false }
  const images = topology.add('InputLayer', { wanted: 'images', config, inputs: [] }, { size, channels: inputChannels })
  let x = encodeLayers(target, stem, images)
  const outputs: Made[] = []
  stages.forEach((layers, index) => {
    x = encodeLayers(target, layers, x)
    const exit = exits.find((found) => found.exit === index + 1)
    if (exit) outputs.push(encodeExit(target, exit, x))
  })
  return yield* write(topology, images, outputs)
}

function encodeExit(target: Target, { exit, head, classifier }: Exit, from: Made): Made {
  const { topology } = target
  const { name, inFeatures, outFeatures, isPointwise } = classifier
  const map = encodeLayers(target, head, from)
  const kernel = moved(weightOf(target, `${name}.weight`), [outFeatures, inFeatures], [1, 0])
  const bias = weightOf(target, `${name}.bias`)
  const pool = (x: Made): Made =>
    topology.add(
      'GlobalAveragePooling2D',
      { wanted: 'pool', config: { data_format: 'channels_last' }, inputs: [x] },
      {
        size: 1,
        channels: x.place.channels
      }
    )
  const place = { size: isPointwise ? map.place.size : 1, channels: outFeatures }
  const common = { activation: isPointwise ? 'relu' : 'linear', use_bias: true }
  const scores = isPointwise
    ? topology.add(
        'Conv2D',
        {
          wanted: name,
          config: {
            ...common,
            filters: outFeatures,
            kernel_size: [1, 1],
            strides: [1, 1],
            padding: 'valid',
            data_format: 'channels_last',
            dilation_rate: [1, 1]
          },
          inputs: [map],
          weights: { kernel: { ...kernel, shape: [1, 1, inFeatures, outFeatures] }, bias }
        },
        place
      )
    : topology.add(
        'Dense',
        {
          wanted: name,
          config: { ...common, units: outFeatures },
          inputs: [pool(map)],
          weights: { kernel, bias }
        },
        place
      )
  const logits = isPointwise ? pool(scores) : scores
  // A name that says which exit it is, whatever its classifier is called.
  return topology.add(
    'Activation',
    { wanted: `exit${exit}`, config: { activation: 'linear' }, inputs: [logits] },
    logits.place
  )
}

function* write({ layers, weights }: Topology, input: Made, outputs: Made[]): Pieces<Map<string, Uint8Array>> {
  const model = {
    format: 'layers-model',
    generatedBy: 'Autodidact',
    convertedBy: null,
    modelTopology: {
      class_name: 'Functional',
      config: {
        name: 'network',
        layers,
        input_layers: [[input.name, 0, 0]],
        output_layers: outputs.map(({ name }) => [name, 0, 0])
      },
      keras_version: 'tfjs-layers 4.22.0',
      backend: 'tensor_flow.js'
    },
    weightsManifest: [
      { paths: [shardName], weights: weights.map(({ name, shape }) => ({ name, shape, dtype: 'float32' })) }
    ]
  }
  const values = new Float32Array(weights.reduce((sum, { shape }) => sum + countOf(shape), 0))
  let at = 0
  for (const { make } of weights) {
    const data = make()
    values.set(data, at)
    at += data.length
    yield data.byteLength
  }
  const shard = Buffer.from(values.buffer)
  if (endianness() === 'BE') shard.swap32()
  return new Map([
    ['model.json', new TextEncoder().encode(`${JSON.stringify(model)}\n`)],
    [shardName, shard]
  ])
}

const countOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1)
