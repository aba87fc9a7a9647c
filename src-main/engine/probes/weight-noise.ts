import type { Scalar, Tensor } from '@tensorflow/tfjs'
import type { Protocol } from '../../../src-shared/reports.ts'
import { filterScales, unitNoise } from '../../../src-shared/science/flatness.ts'
import type { Backend } from '../backend/backend.ts'
import { compileByShape } from '../backend/compile/by-shape.ts'
import type { Network } from '../model/layer.ts'
import { tensorSpecs, type TensorSpec } from '../model/tensor-specs.ts'
import { toTensor, type NetworkState, type Weights } from '../model/weights.ts'

/** Noise falls on convolution and linear weights; BatchNorm and biases stay. */
const isPerturbed = ({ role }: TensorSpec): boolean => role === 'convolution' || role === 'linear'

/** One draw of noise: the same for every sigma, and for every network that has tensors of these names. */
export type Draw = { seed: number; draw: number; sigma: number; protocol: Protocol }

/** Noise kept on the backend for the next sigma, in all, bytes. */
const mostKeptBytes = 2 ** 29

type Tensors = Map<string, Tensor>

/** Puts noise on one network's weights; `dispose` frees what it keeps. */
export type Shaker = {
  /**
   * The state with noise on its weights (SCIENCE section 1, 'Flat minima'): protocol A adds sigma N(0, 1), B and C
   * sigma ||w_f|| / sqrt(n_f) N(0, 1) per output filter. Tensors that no noise falls on are shared with the network's own
   * state; dispose the result with `disposePerturbed`.
   */
  perturb(draw: Draw): Promise<NetworkState>
  dispose(): void
}

export function createShaker(backend: Backend, network: Network, weights: Weights, state: NetworkState): Shaker {
  const { tf } = backend
  const specs = tensorSpecs(network).filter(isPerturbed)
  const bytes = specs.reduce((sum, { name }) => sum + 4 * weights.get(name)!.data.length, 0)
  const kept = new Map<string, Tensors>()
  const shift = compileByShape(backend, (values: Tensors, noise: Tensors, sigma: Scalar): Tensors => {
    return new Map([...values].map(([name, value]) => [name, tf.add(value, tf.mul(noise.get(name)!, sigma))]))
  })

  /** Noise of sigma 1, [as the weights]. */
  const noiseOf = ({ seed, draw, protocol }: Draw): Tensors =>
    new Map(
      specs.map((spec) => {
        const { shape, data } = weights.get(spec.name)!
        const noise = unitNoise(seed, draw, spec.name, data.length)
        if (protocol === 'a') return [spec.name, toTensor(tf, spec, { shape, data: Float32Array.from(noise) })]
        const scaled = spec.isTransposed ? scaleTransposed(noise, shape, data) : scaleRows(noise, shape, data)
        return [spec.name, toTensor(tf, spec, { shape, data: scaled })]
      })
    )

  return {
    async perturb(draw) {
      const key = `${draw.seed} ${draw.draw} ${draw.protocol === 'a'}`
      const noise = kept.get(key) ?? noiseOf(draw)
      if (!kept.has(key) && (kept.size + 1) * bytes <= mostKeptBytes) kept.set(key, noise)
      const values: Tensors = new Map(specs.map(({ name }) => [name, state.parameters.get(name)!]))
      const sigma = tf.scalar(draw.sigma)
      try {
        const moved = await shift.call(values, noise, sigma)
        return { ...state, parameters: new Map([...state.parameters, ...moved]) }
      } finally {
        sigma.dispose()
        if (!kept.has(key)) tf.dispose([...noise.values()])
      }
    },
    dispose() {
      for (const noise of kept.values()) tf.dispose([...noise.values()])
      kept.clear()
      shift.dispose()
    }
  }
}

/** Unit noise times the scale of its output filter, filters first as PyTorch has them. */
function scaleRows(noise: Float32Array, [filters = 1]: number[], data: Float32Array): Float32Array {
  const perFilter = data.length / filters
  const scales = filterScales(data, filters, perFilter, 'filter-first')
  return Float32Array.from(noise, (value, at) => value * scales[Math.floor(at / perFilter)]!)
}

/** The same for [in, out, k, k]: the filters are the second dimension. */
function scaleTransposed(noise: Float32Array, shape: number[], data: Float32Array): Float32Array {
  const [inputs = 1, filters = 1, height = 1, width = 1] = shape
  const window = height * width
  const filterOf = (at: number): number => Math.floor(at / window) % filters
  const squares = new Float64Array(filters)
  data.forEach((value, at) => (squares[filterOf(at)]! += value * value))
  const scales = squares.map((sum) => Math.sqrt(sum / (inputs * window)))
  return Float32Array.from(noise, (value, at) => value * scales[filterOf(at)]!)
}

/** Frees what `perturb` made, and statistics that were made for it. */
export function disposePerturbed(perturbed: NetworkState, original: NetworkState): void {
  for (const [name, tensor] of perturbed.parameters) if (original.parameters.get(name) !== tensor) tensor.dispose()
  for (const [name, tensor] of perturbed.statistics) if (original.statistics.get(name) !== tensor) tensor.dispose()
}
