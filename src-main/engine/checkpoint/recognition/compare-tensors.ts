import type { Network } from '../../model/layer.ts'
import { tensorSpecs } from '../../model/tensor-specs.ts'
import type { Shapes } from './shapes.ts'

/** A tensor that both have, in another shape than the network needs. */
export type Reshaped = { name: string; found: number[]; needed: number[] }

/** Tensors of a file beside those that a network needs. */
export type Comparison = {
  /** Tensors that the network needs and the file has, in the same shape. */
  fits: number
  needed: number
  missing: string[]
  reshaped: Reshaped[]
  unexpected: string[]
}

/**
 * What no prediction depends on: luanyunteng's unused shortcuts, the journal version's layers for training alone, counters,
 * and what a profiler (thop) leaves behind.
 */
export const isUnused = (name: string): boolean =>
  /(^|\.)((downsample[1-3]_1\.[01]|adaptation_layers\.\d+)\.\w+|total_(ops|params)|num_batches_tracked)$/.test(name)

/** Counts what fits; BatchNorm's counters may be absent, old files lack them. */
export function compareTensors(network: Network, tensors: Shapes): Comparison {
  const specs = new Map(tensorSpecs(network).map((spec) => [spec.name, spec]))
  const result: Comparison = { fits: 0, needed: 0, missing: [], reshaped: [], unexpected: [] }
  for (const { name, shape, role } of specs.values()) {
    if (role === 'counter') continue
    const found = tensors.get(name)?.shape
    result.needed += 1
    if (!found) result.missing.push(name)
    else if (String(found) === String(shape)) result.fits += 1
    else result.reshaped.push({ name, found, needed: shape })
  }
  for (const name of tensors.keys()) if (!specs.has(name) && !isUnused(name)) result.unexpected.push(name)
  return result
}

/** True where the file has just what the network needs. */
export const isMatch = ({ missing, reshaped, unexpected }: Comparison): boolean =>
  !missing.length && !reshaped.length && !unexpected.length
