import { UserError } from '../../../../src-shared/errors.ts'
import type { Exit, Network } from '../../model/layer.ts'
import type { Weights } from '../../model/weights.ts'
import { permute } from '../keras/variables.ts'
import { encodeLayers } from './encode-layers.ts'
import { weightOf } from './encode-weighted.ts'
import { Topology, type Made, type Target } from './topology.ts'

const shardName = 'group1-shard1of1.bin'

/**
 * A network as a tfjs LayersModel, which `tf.loadLayersModel` opens: `model.json` and one file of weights, by name. It takes
 * images [?, size, size, channels] as the network does and gives the logits of every exit, shallowest first, the outputs
 * named `exit1` and so on. Throws UserError, one sentence, where tfjs has no layers for it.
 */
export function encodeTfjs(network: Network, weights: Weights, size: number): Map<string, Uint8Array> {
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
  return write(topology, images, outputs)
}

function encodeExit(target: Target, { exit, head, classifier }: Exit, from: Made): Made {
  const { topology } = target
  const { name, inFeatures, outFeatures, isPointwise } = classifier
  const map = encodeLayers(target, head, from)
  const weight = weightOf(target, `${name}.weight`)
  const kernel = permute(weight.data, [outFeatures, inFeatures], [1, 0])
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
          weights: { kernel: { shape: [1, 1, inFeatures, outFeatures], data: kernel }, bias }
        },
        place
      )
    : topology.add(
        'Dense',
        {
          wanted: name,
          config: { ...common, units: outFeatures },
          inputs: [pool(map)],
          weights: { kernel: { shape: [inFeatures, outFeatures], data: kernel }, bias }
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

function write({ layers, weights }: Topology, input: Made, outputs: Made[]): Map<string, Uint8Array> {
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
  const shard = new Uint8Array(4 * weights.reduce((sum, { data }) => sum + data.length, 0))
  const view = new DataView(shard.buffer)
  let at = 0
  for (const { data } of weights)
    for (const value of data) {
      view.setFloat32(at, value, true)
      at += 4
    }
  return new Map([
    ['model.json', new TextEncoder().encode(`${JSON.stringify(model)}\n`)],
    [shardName, shard]
  ])
}
