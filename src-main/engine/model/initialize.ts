import { createRandom, normals } from '../../../src-shared/science/random.ts'
import type { Network } from './layer.ts'
import { tensorSpecs, type TensorSpec } from './tensor-specs.ts'
import type { Weights } from './weights.ts'

/**
 * Fresh weights, a function of (seed, tensor name) alone: convolutions normal with deviation sqrt(2 / fan out)
 * (He et al. 2015), BatchNorm 1 and 0, linear layers and biases uniform in +-1 / sqrt(fan in), PyTorch's default.
 */
export const initialWeights = (network: Network, seed: number): Weights => freshWeights(tensorSpecs(network), seed)

/** The same for any list of tensors. */
export function freshWeights(specs: readonly TensorSpec[], seed: number): Weights {
  const weights: Weights = new Map()
  for (const spec of specs) weights.set(spec.name, { shape: spec.shape, data: initialTensor(spec, seed, weights) })
  return weights
}

function initialTensor(spec: TensorSpec, seed: number, before: Weights): Float32Array {
  const size = spec.shape.reduce((a, b) => a * b, 1)
  const fanIn = (shape: number[]) => shape.slice(1).reduce((a, b) => a * b, 1)
  switch (spec.role) {
    case 'convolution': {
      const [out = 1, , height = 1, width = 1] = spec.shape
      const deviation = Math.sqrt(2 / (out * height * width))
      return normals(size, seed, 'initialize', spec.name).map((value) => value * deviation)
    }
    case 'linear':
      return uniform(size, 1 / Math.sqrt(fanIn(spec.shape)), seed, spec.name)
    case 'bias': {
      const weight = before.get(spec.name.replace(/bias$/, 'weight'))
      return uniform(size, 1 / Math.sqrt(fanIn(weight?.shape ?? [1, 1])), seed, spec.name)
    }
    case 'normalization':
      return new Float32Array(size).fill(spec.name.endsWith('.weight') ? 1 : 0)
    case 'statistic':
      return new Float32Array(size).fill(spec.name.endsWith('running_var') ? 1 : 0)
    case 'counter':
      return Float32Array.of(0)
  }
}

function uniform(size: number, bound: number, seed: number, name: string): Float32Array {
  const random = createRandom(seed, 'initialize', name)
  return new Float32Array(size).map(() => (2 * random.uniform() - 1) * bound)
}
