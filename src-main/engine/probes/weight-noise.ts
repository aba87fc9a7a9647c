import type { Protocol } from '../../../src-shared/reports.ts'
import { filterScales, unitNoise } from '../../../src-shared/science/flatness.ts'
import type { Backend } from '../backend/backend.ts'
import { opsOf } from '../backend/ops/ops.ts'
import type { ImageSource } from '../evaluation/run-network.ts'
import { forward, type Moments } from '../model/forward.ts'
import type { Network } from '../model/layer.ts'
import { tensorSpecs, type TensorSpec } from '../model/tensor-specs.ts'
import { toTensor, type NetworkState, type Weights } from '../model/weights.ts'

/** Noise falls on convolution and linear weights; BatchNorm and biases stay. */
const isPerturbed = ({ role }: TensorSpec): boolean => role === 'convolution' || role === 'linear'

/** One draw of noise: the same for every sigma, and for every network that has tensors of these names. */
export type Draw = { seed: number; draw: number; sigma: number; protocol: Protocol }

/**
 * A network's state with noise on its weights (SCIENCE section 1, 'Flat minima'): protocol A adds sigma N(0, 1), B and C
 * sigma ||w_f|| / sqrt(n_f) N(0, 1) per output filter. Tensors that no noise falls on are shared with `state`; dispose
 * the result with `disposePerturbed`.
 */
export function perturb(
  { tf }: Backend,
  network: Network,
  weights: Weights,
  state: NetworkState,
  { seed, draw, sigma, protocol }: Draw
): NetworkState {
  const parameters = new Map(state.parameters)
  for (const spec of tensorSpecs(network).filter(isPerturbed)) {
    const { shape, data } = weights.get(spec.name)!
    const filters = shape[0]!
    const perFilter = data.length / filters
    const noise = unitNoise(seed, draw, spec.name, data.length)
    const scales = protocol === 'a' ? null : filterScales(data, filters, perFilter, 'filter-first')
    const moved = data.map(
      (value, at) => value + sigma * noise[at]! * (scales ? scales[Math.floor(at / perFilter)]! : 1)
    )
    parameters.set(spec.name, toTensor(tf, spec, { shape, data: moved }))
  }
  return { ...state, parameters }
}

/** Frees what `perturb` made, and statistics that `reestimateStatistics` made. */
export function disposePerturbed(perturbed: NetworkState, original: NetworkState): void {
  for (const [name, tensor] of perturbed.parameters) if (original.parameters.get(name) !== tensor) tensor.dispose()
  for (const [name, tensor] of perturbed.statistics) if (original.statistics.get(name) !== tensor) tensor.dispose()
}

/** The state with BatchNorm statistics that are the mean over batches of each batch's own (protocol C). */
export function reestimateStatistics(
  backend: Backend,
  network: Network,
  state: NetworkState,
  source: ImageSource,
  batchSize = 250
): NetworkState {
  const { tf } = backend
  const ops = opsOf(backend)
  let sums: NetworkState['statistics'] = new Map()
  const batches = Math.max(1, Math.floor(source.count / batchSize))
  for (let batch = 0; batch < batches; batch++) {
    const from = batch * batchSize
    const to = Math.min(source.count, from + batchSize)
    const moments = new Map<string, Moments>()
    const before = sums
    sums = new Map()
    tf.tidy(() => {
      const images = tf.tensor4d(source.batch(from, to), [to - from, ...source.shape])
      forward(tf, ops, network, state, images, { kind: 'train', moments })
      for (const [name, { mean, variance }] of moments)
        for (const [suffix, value] of [
          ['running_mean', mean],
          ['running_var', variance]
        ] as const) {
          const part = tf.div(value, batches)
          const sum = before.get(`${name}.${suffix}`)
          sums.set(`${name}.${suffix}`, tf.keep(sum ? tf.add(sum, part) : part) as typeof value)
        }
    })
    for (const tensor of before.values()) tensor.dispose()
    for (const { mean, variance } of moments.values()) tf.dispose([mean, variance])
  }
  return { ...state, statistics: sums }
}
