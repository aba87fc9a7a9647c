import type { Network } from '../model/layer.ts'
import { tensorSpecs, type TensorSpec } from '../model/tensor-specs.ts'

/** What a tensor is for, and where in its network. */
export type TensorPlace = Pick<TensorSpec, 'role' | 'stage' | 'part'>

/** The places of a network's tensors by their names; none where the network is unknown. */
export function placesOf(network: Network | null): Map<string, TensorPlace> {
  if (!network) return new Map()
  const specs = network.graph ? network.graph.tensors : tensorSpecs(network)
  return new Map(specs.map(({ name, role, stage, part }) => [name, { role, stage, part }]))
}
