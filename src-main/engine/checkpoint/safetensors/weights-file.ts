import type { Weights } from '../../model/weights.ts'
import type { TensorData } from '../format.ts'
import type { SafetensorsTensor } from './safetensors-file.ts'

/** Tensors as a file holds them; counters become I64, as PyTorch keeps them, and 0 where they are no whole number. */
export function toFileTensors(weights: Weights): Map<string, SafetensorsTensor> {
  const entries = [...weights].map(([name, { shape, data }]): [string, SafetensorsTensor] => {
    if (!name.endsWith('.num_batches_tracked')) return [name, { dtype: 'F32', shape, data }]
    return [name, { dtype: 'I64', shape, data: BigInt64Array.from(data, toCount) }]
  })
  return new Map(entries)
}

const toCount = (value: number): bigint => (Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? BigInt(value) : 0n)

/** Tensors of a file as floats. */
export function toWeights(tensors: Map<string, SafetensorsTensor>): Weights {
  return new Map([...tensors].map(([name, { shape, data }]) => [name, { shape, data: toFloats(data) }]))
}

/** Values of any type as floats; floats stay where they are. */
export function toFloats(data: TensorData): Float32Array {
  if (data instanceof Float32Array) return data
  return data instanceof BigInt64Array ? Float32Array.from(data, Number) : Float32Array.from(data)
}
