import { UserError } from '../../../../src-shared/errors.ts'
import { follow } from '../../model/follow.ts'
import type { Layer } from '../../model/layer.ts'
import { encodeMaxPool, encodeUpsample, pad, pooling } from './encode-pooling.ts'
import { encodeBatchNorm, encodeConvolution, encodeTransposed } from './encode-weighted.ts'
import type { Made, Target } from './topology.ts'

/** Adds layers one behind the other; gives what the last one gives. Throws UserError for what tfjs has no layers for. */
export const encodeLayers = (target: Target, layers: readonly Layer[], input: Made): Made =>
  layers.reduce((x, layer) => encodeLayer(target, layer, x), input)

function encodeLayer(target: Target, layer: Layer, x: Made): Made {
  const { topology } = target
  const place = follow([layer], x.place)
  const one = (className: string, wanted: string, config: Record<string, unknown> = {}): Made =>
    topology.add(className, { wanted, config, inputs: [x] }, place)
  switch (layer.kind) {
    case 'convolution':
      return encodeConvolution(target, layer, x)
    case 'transposedConvolution':
      return encodeTransposed(target, layer, x)
    case 'batchNorm':
      return encodeBatchNorm(target, layer, x)
    case 'relu':
      return one('Activation', 'relu', { activation: 'relu' })
    case 'relu6':
      return one('ReLU', 'relu6', { max_value: 6 })
    case 'sigmoid':
      return one('Activation', 'sigmoid', { activation: 'sigmoid' })
    case 'maxPool':
      return encodeMaxPool(target, layer, x)
    case 'averagePool':
      return one('AveragePooling2D', 'average_pool', pooling(layer.kernel, layer.kernel))
    case 'adaptiveAverage': {
      const kernel = x.place.size / layer.size
      if (kernel === 1) return x
      if (!Number.isInteger(kernel))
        throw new UserError(
          `tfjs has no layer that averages ${x.place.size} pixels to ${layer.size}; export it as safetensors or PyTorch instead.`
        )
      return one('AveragePooling2D', 'average_pool', pooling(kernel, kernel))
    }
    case 'upsample':
      return encodeUpsample(target, x)
    case 'padChannels': {
      // Zeros are padded to rows only: channels become rows, and then channels again.
      const { before = 0, channels } = layer
      const rows = topology.add('Permute', { wanted: 'to_rows', config: { dims: [3, 1, 2] }, inputs: [x] }, x.place)
      const sides = [
        [before, channels - before],
        [0, 0]
      ]
      const padded = pad(target, rows, sides)
      return topology.add('Permute', { wanted: 'to_channels', config: { dims: [2, 3, 1] }, inputs: [padded] }, place)
    }
    case 'residual': {
      const inputs = [encodeLayers(target, layer.body, x), encodeLayers(target, layer.shortcut, x)]
      const sum = topology.add('Add', { wanted: 'add', inputs }, place)
      return layer.relu ? encodeLayer(target, { kind: 'relu' }, sum) : sum
    }
    case 'concat': {
      const inputs = layer.branches.map((branch) => encodeLayers(target, branch, x))
      return topology.add('Concatenate', { wanted: 'concat', config: { axis: -1 }, inputs }, place)
    }
    case 'gate':
      return topology.add('Multiply', { wanted: 'gate', inputs: [x, encodeLayers(target, layer.mask, x)] }, place)
  }
}
