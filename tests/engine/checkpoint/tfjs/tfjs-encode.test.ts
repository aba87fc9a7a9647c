import type { Tensor, Tensor4D } from '@tensorflow/tfjs'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../../src-main/engine/backend/choose.ts'
import { opsOf } from '../../../../src-main/engine/backend/ops/ops.ts'
import { openNetwork } from '../../../../src-main/engine/checkpoint/checkpoint.ts'
import { encodeTfjs } from '../../../../src-main/engine/checkpoint/tfjs/tfjs-encode.ts'
import { forward } from '../../../../src-main/engine/model/forward.ts'
import { initialWeights } from '../../../../src-main/engine/model/initialize.ts'
import type { Layer, Network } from '../../../../src-main/engine/model/layer.ts'
import { disposeState, toState, type Weights } from '../../../../src-main/engine/model/weights.ts'
import { normals } from '../../../../src-shared/science/random.ts'
import { networkNamed, resnet } from '../../../helpers/networks.ts'
import { temporaryFolder } from '../../training/small-run.ts'
import { loadInTfjs } from './load-in-tfjs.ts'

let backend: Backend
beforeAll(async () => {
  backend = await openBackend()
})

/** Weights whose BatchNorm is not the identity. */
function weightsFor(network: Network): Weights {
  const weights = initialWeights(network, 5)
  for (const [name, { data }] of weights) {
    const noise = normals(data.length, 5, 'tfjs', name)
    if (name.endsWith('running_var')) data.forEach((_, at) => (data[at] = 1 + 0.5 * Math.abs(noise[at]!)))
    else if (data.length < 64) data.forEach((value, at) => (data[at] = value + 0.1 * noise[at]!))
  }
  return weights
}

const valuesOf = (tensors: Tensor[]): Float32Array[] => tensors.map((tensor) => tensor.dataSync() as Float32Array)

function logitsOf(network: Network, weights: Weights, images: Tensor4D): Float32Array[] {
  const { tf } = backend
  const state = toState(tf, network, weights)
  const logits = tf.tidy(() =>
    valuesOf(forward(tf, opsOf(backend), network, state, images, { kind: 'evaluate' }).map((exit) => exit.logits))
  )
  disposeState(state)
  return logits
}

function deviation(a: Float32Array[], b: Float32Array[]): number {
  expect(a.map(({ length }) => length)).toEqual(b.map(({ length }) => length))
  const differences = a.map((values, exit) => {
    const largest = Math.max(...values.map(Math.abs))
    return Math.max(...values.map((value, at) => Math.abs(value - b[exit]![at]!))) / largest
  })
  return Math.max(...differences)
}

const options = { width: 4, classes: 5, inputChannels: 3, exits: 'all', size: 32 } as const
/** A network of one stage: what tfjs makes of single layers. */
const networkOf = (layers: Layer[], channels: number): Network => ({
  ...networkNamed({ ...options, name: 'cnn', exits: 'deepest' }),
  stem: [],
  stages: [layers],
  exits: [{ exit: 1, head: [], classifier: { kind: 'linear', name: 'fc', inFeatures: channels, outFeatures: 5 } }]
})
const maxPool = (kernel: number, stride: number, padding: number, ceil: boolean): Layer => ({
  kind: 'maxPool',
  kernel,
  stride,
  padding,
  ceil
})
const transposed: Layer = {
  kind: 'transposedConvolution',
  name: 'back',
  inChannels: 3,
  outChannels: 4,
  kernel: 4,
  stride: 2,
  padding: 1,
  bias: true
}

const networks: [string, () => Network, number][] = [
  ['resnet with bottleneck heads', () => resnet({ ...options, depth: 18, head: 'bottleneck' }), 32],
  ['resnet of an odd size', () => resnet({ ...options, depth: 18, exits: 'deepest' }), 31],
  [
    'resnet for large images',
    () => networkNamed({ ...options, name: 'resnet18', form: 'imagenet', exits: 'deepest' }),
    64
  ],
  ['sepconv heads with masks', () => resnet({ ...options, depth: 18, head: 'sepconv' }), 32],
  ['SCAN heads', () => resnet({ ...options, depth: 18, head: 'scan', headWidth: 4 }), 32],
  ['wide resnet', () => networkNamed({ ...options, name: 'wrn20-8', width: 4, head: 'linear' }), 32],
  ['pyramidnet', () => networkNamed({ ...options, name: 'pyramidnet101-240', width: 4, exits: 'deepest' }), 32],
  ['vgg', () => networkNamed({ ...options, name: 'vgg16', head: 'linear' }), 32],
  ['mobilenet', () => networkNamed({ ...options, name: 'mobilenet', head: 'linear' }), 32],
  ['squeezenet', () => networkNamed({ ...options, name: 'squeezenet', head: 'linear' }), 32],
  ['plain cnn', () => networkNamed({ ...options, name: 'cnn', head: 'linear' }), 32],
  ['padded pooling of negative numbers', () => networkOf([maxPool(3, 2, 1, false)], 3), 9],
  ['padded pooling of an even size', () => networkOf([maxPool(3, 2, 1, false)], 3), 8],
  ['pooling over the far edge', () => networkOf([maxPool(3, 2, 0, true)], 3), 8],
  ['pooling that reaches no edge', () => networkOf([maxPool(3, 2, 0, false), maxPool(2, 2, 0, false)], 3), 8],
  ['transposed convolution', () => networkOf([transposed, { kind: 'relu6' }], 4), 5],
  ['channels on both sides', () => networkOf([{ kind: 'padChannels', channels: 4, before: 1 }], 7), 4],
  ['adaptive means', () => networkOf([{ kind: 'adaptiveAverage', size: 2 }], 3), 8]
]

describe('tfjs opens what is written, and this lab reads it back', () => {
  test.each(networks)('%s', async (_, make, size) => {
    const { tf } = backend
    const network = make()
    const weights = weightsFor(network)
    const images = tf.tensor4d(normals(2 * size * size * 3, 7, 'images'), [2, size, size, 3])
    const expected = logitsOf(network, weights, images)

    const files = encodeTfjs(network, weights, size)
    const { outputs, names } = await loadInTfjs(tf, files, images)
    expect(names.map((name) => name.split('/')[0])).toEqual(network.exits.map(({ exit }) => `exit${exit}`))
    expect(deviation(expected, valuesOf(outputs))).toBeLessThan(1e-4)

    const folder = temporaryFolder()
    for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes)
    const opened = await openNetwork(folder)
    expect(opened).toMatchObject({ format: 'tfjs', path: folder })
    expect(deviation(expected, logitsOf(opened.network, opened.weights, images))).toBeLessThan(1e-4)
    images.dispose()
  })
})

test('what tfjs has no layers for is refused in a sentence', () => {
  const grouped = networkNamed({ ...options, name: 'resnext29-8x64d', width: 16, exits: 'deepest' })
  expect(() => encodeTfjs(grouped, weightsFor(grouped), 32)).toThrow(
    /^tfjs has no layer for convolutions in 8 groups, as "layer1\.0\.conv2" is one; export it as safetensors or PyTorch instead\.$/
  )
  const uneven = networkOf([{ kind: 'adaptiveAverage', size: 3 }], 3)
  expect(() => encodeTfjs(uneven, weightsFor(uneven), 8)).toThrow(
    'tfjs has no layer that averages 8 pixels to 3; export it as safetensors or PyTorch instead.'
  )
})
