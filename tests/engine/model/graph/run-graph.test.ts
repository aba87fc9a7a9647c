import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import { describe, expect, test } from 'vitest'
import type { Backend } from '../../../../src-main/engine/backend/backend.ts'
import { openByName } from '../../../../src-main/engine/backend/choose.ts'
import { opsOf } from '../../../../src-main/engine/backend/ops/ops.ts'
import { forward, type Moments } from '../../../../src-main/engine/model/forward.ts'
import { networkOfGraph } from '../../../../src-main/engine/model/graph/network-of-graph.ts'
import { initialWeights } from '../../../../src-main/engine/model/initialize.ts'
import type { Network } from '../../../../src-main/engine/model/layer.ts'
import { disposeState, toState, type Weights } from '../../../../src-main/engine/model/weights.ts'
import { exitCosts } from '../../../../src-main/engine/model/cost.ts'
import { tensorSpecs } from '../../../../src-main/engine/model/tensor-specs.ts'
import { normals } from '../../../../src-shared/science/random.ts'
import { graphOfNetwork } from '../../../helpers/graph-of-network.ts'
import { networkNamed, resnet } from '../../../helpers/networks.ts'

const size = 16
const images = normals(4 * size * size * 3, 3, 'graph', 'images')

/** Weights whose BatchNorm is not the identity. */
function weightsFor(network: Network): Weights {
  const weights = initialWeights(network, 5)
  for (const [name, { data }] of weights) {
    const noise = normals(data.length, 5, 'graph', name)
    if (name.endsWith('running_var')) data.forEach((_, at) => (data[at] = 1 + 0.5 * Math.abs(noise[at]!)))
    else if (data.length < 64) data.forEach((value, at) => (data[at] = value + 0.1 * noise[at]!))
  }
  return weights
}

/** Logits and features of every exit, then gradients and moments by name, in training mode. */
async function measure(backend: Backend, network: Network, weights: Weights) {
  const { tf } = backend
  const ops = opsOf(backend)
  const state = toState(tf, network, weights)
  const input = tf.tensor4d(images, [4, size, size, 3])
  const outputs = tf.tidy(() =>
    forward(tf, ops, network, state, input, { kind: 'evaluate' }).flatMap(({ logits, features, map }) => [
      logits,
      features,
      map
    ])
  )
  const names = [...state.parameters.keys()].sort()
  const moments: Moments = new Map()
  const labels = tf.tidy(() => tf.oneHot(tf.tensor1d([0, 1, 2, 3], 'int32') as Tensor1D, network.classes).toFloat())
  const { value, grads } = tf.engine().gradients(
    () =>
      tf.addN(
        forward(tf, ops, network, state, input, { kind: 'train', moments }).map(({ logits }) =>
          ops.softmaxCrossEntropy(logits, labels as Tensor2D)
        )
      ) as never,
    names.map((name) => state.parameters.get(name)!)
  )
  const read = async (tensor: Tensor) => [...(await tensor.data())]
  const result = {
    outputs: await Promise.all(outputs.map(read)),
    gradients: new Map(await Promise.all(names.map(async (name, at) => [name, await read(grads[at]!)] as const))),
    moments: new Map(await Promise.all([...moments].map(async ([name, tensor]) => [name, await read(tensor)] as const)))
  }
  tf.dispose([input, labels, value, ...outputs, ...grads, ...moments.values()])
  disposeState(state)
  return result
}

const farthest = (ours: number[], theirs: number[]): number => {
  expect(ours.length).toBe(theirs.length)
  const largest = Math.max(1e-3, ...theirs.map(Math.abs))
  return Math.max(...ours.map((value, at) => Math.abs(value - theirs[at]!))) / largest
}

const networks = {
  resnet: resnet({ depth: 18, width: 4, classes: 5, inputChannels: 3, exits: 'all', size }),
  cnn: networkNamed({ name: 'cnn', width: 4, classes: 5, inputChannels: 3, exits: 'all', size }),
  sepconv: resnet({ depth: 18, width: 4, classes: 5, inputChannels: 3, exits: 'all', head: 'sepconv', size: 32 }),
  mobilenet: networkNamed({ name: 'mobilenet', width: 8, classes: 5, inputChannels: 3, exits: 'deepest' })
}

describe.each(['native', 'cpu', 'wasm'] as const)('a graph on %s', (name) => {
  test.each(['NCHW', 'NHWC'] as const)('%s gives what the same layers give, and their gradients', async (layout) => {
    const backend = await openByName(name)
    const network = name === 'native' ? networks.resnet : networks.cnn
    const weights = weightsFor(network)
    const { network: graph } = networkOfGraph(graphOfNetwork(network, layout))
    const before = backend.tf.memory().numTensors
    const [ours, theirs] = [await measure(backend, graph!, weights), await measure(backend, network, weights)]
    expect(backend.tf.memory().numTensors).toBe(before)
    ours.outputs.forEach((values, at) => expect(farthest(values, theirs.outputs[at]!)).toBeLessThan(1e-5))
    expect([...ours.gradients.keys()]).toEqual([...theirs.gradients.keys()])
    for (const [key, values] of ours.gradients)
      expect(farthest(values, theirs.gradients.get(key)!), key).toBeLessThan(1e-3)
    expect([...ours.moments.keys()].sort()).toEqual([...theirs.moments.keys()].sort())
    for (const [key, values] of ours.moments) expect(farthest(values, theirs.moments.get(key)!), key).toBeLessThan(1e-5)
  })
})

test('a graph costs what the same layers cost', () => {
  for (const network of Object.values(networks)) {
    const graph = networkOfGraph(graphOfNetwork(network, 'NCHW')).network!
    const [ours, theirs] = [exitCosts(graph, 32), exitCosts(network, 32)]
    expect(ours.exits).toEqual(theirs.exits.map((cost, index) => ({ ...cost, exit: index + 1 })))
    expect(ours.full).toEqual(theirs.full)
    expect(ours.ensemble).toEqual(theirs.ensemble)
  }
})

test('tensors get the stage of the first exit that depends on them', () => {
  const network = networks.resnet
  const graph = networkOfGraph(graphOfNetwork(network, 'NCHW')).network!
  const place = new Map(tensorSpecs(network).map((spec) => [spec.name, spec]))
  for (const { name, stage, part, shape } of tensorSpecs(graph)) {
    expect(shape).toEqual(place.get(name)!.shape)
    expect([name, part]).toEqual([name, place.get(name)!.part])
    expect([name, stage]).toEqual([name, Math.max(1, place.get(name)!.stage)])
  }
})
