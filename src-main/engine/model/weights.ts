import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs'
import { UserError } from '../../../src-shared/errors.ts'
import type { Network } from './layer.ts'
import { isTrainable, tensorSpecs, type TensorSpec } from './tensor-specs.ts'

type Tf = typeof import('@tensorflow/tfjs')

/** A tensor as plain data in PyTorch's layout; counters are held as one number. */
export type Weight = { shape: number[]; data: Float32Array }

/** The tensors of a network by PyTorch's names, in PyTorch's layout. */
export type Weights = Map<string, Weight>

/** The tensors of a network on the backend, in the engine's layout (convolutions [k,k,in,out]). */
export type NetworkState = {
  /** What gradients train. */
  parameters: Map<string, Tensor>
  /** BatchNorm's running means and variances, by their names. */
  statistics: Map<string, Tensor1D>
  /** Training steps seen by every BatchNorm (PyTorch's num_batches_tracked). */
  batchesTracked: number
}

/** Puts weights on the backend. Throws UserError if a tensor is missing or has another shape than the network's. */
export const toState = (tf: Tf, network: Network, weights: Weights): NetworkState =>
  stateOf(tf, tensorSpecs(network), weights)

/** The same for any list of tensors. */
export function stateOf(tf: Tf, specs: readonly TensorSpec[], weights: Weights): NetworkState {
  const state: NetworkState = { parameters: new Map(), statistics: new Map(), batchesTracked: 0 }
  for (const spec of specs) checkShape(spec, weights.get(spec.name))
  for (const spec of specs) {
    const weight = weights.get(spec.name)
    if (!weight) continue
    if (spec.role === 'counter') state.batchesTracked = weight.data[0] ?? 0
    else if (spec.role === 'statistic') state.statistics.set(spec.name, tf.tensor1d(weight.data.slice()))
    else state.parameters.set(spec.name, toTensor(tf, spec, weight))
  }
  return state
}

/** Reads a network's tensors back into PyTorch's layout. */
export const fromState = (network: Network, state: NetworkState): Promise<Weights> =>
  weightsOf(tensorSpecs(network), state)

/** The same for any list of tensors. */
export async function weightsOf(specs: readonly TensorSpec[], state: NetworkState): Promise<Weights> {
  const weights: Weights = new Map()
  for (const spec of specs) {
    if (spec.role === 'counter') {
      weights.set(spec.name, { shape: [], data: Float32Array.of(state.batchesTracked) })
      continue
    }
    const tensor = isTrainable(spec) ? state.parameters.get(spec.name) : state.statistics.get(spec.name)
    if (tensor) weights.set(spec.name, await fromTensor(spec, tensor))
  }
  return weights
}

/** One trainable tensor from PyTorch's layout to the engine's. */
export function toTensor(tf: Tf, spec: TensorSpec, weight: Weight): Tensor {
  if (spec.role !== 'convolution') return tf.tensor(weight.data.slice(), spec.shape)
  return tf.tidy(() =>
    // The transposed copy is made at once, so the values need no copy of their own.
    tf.transpose(
      tf.tensor4d(weight.data, (spec.kernelShape ?? spec.shape) as [number, number, number, number]),
      [2, 3, 1, 0]
    )
  )
}

/** One trainable tensor (or its gradient) from the engine's layout to PyTorch's. */
export async function fromTensor(spec: TensorSpec, tensor: Tensor): Promise<Weight> {
  if (spec.role !== 'convolution') return { shape: spec.shape, data: (await tensor.data()) as Float32Array }
  const moved = (tensor as Tensor4D).transpose([3, 2, 0, 1])
  const data = (await moved.data()) as Float32Array
  moved.dispose()
  return { shape: spec.shape, data }
}

/** Frees every tensor of a state. */
export function disposeState(state: NetworkState): void {
  for (const tensor of state.parameters.values()) tensor.dispose()
  for (const tensor of state.statistics.values()) tensor.dispose()
}

function checkShape(spec: TensorSpec, weight: Weight | undefined): void {
  // Old files lack the counters; nothing but their own value depends on them.
  if (!weight && spec.role === 'counter') return
  if (!weight) throw new UserError(`The checkpoint has no tensor "${spec.name}", which this network needs.`)
  if (spec.role === 'counter' || String(weight.shape) === String(spec.shape)) return
  throw new UserError(
    `Tensor "${spec.name}" has the shape [${weight.shape.join(', ')}], but the network needs [${spec.shape.join(', ')}].`
  )
}
