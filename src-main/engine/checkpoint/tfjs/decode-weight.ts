import type { TensorData } from '../format.ts'
import { halfToFloat32 } from '../safetensors/float-types.ts'
import type { ManifestWeight } from './weights-manifest.ts'

/** A weight's type as safetensors names it: of packed ones what they were packed to. */
export function dtypeOf({ dtype, quantization }: ManifestWeight): string {
  if (quantization) return quantization.kind === 'float16' ? 'F16' : quantization.kind === 'uint8' ? 'U8' : 'U16'
  return { float32: 'F32', int32: 'I32', uint8: 'U8', bool: 'BOOL' }[dtype]
}

/** A weight's numbers from its bytes, unpacked. */
export function decodeWeight({ dtype, quantization }: ManifestWeight, bytes: ArrayBuffer): TensorData {
  if (!quantization) {
    if (dtype === 'float32') return new Float32Array(bytes)
    return dtype === 'int32' ? new Int32Array(bytes) : new Uint8Array(bytes)
  }
  if (quantization.kind === 'float16') return halfToFloat32(new Uint16Array(bytes))
  const { kind, scale, min } = quantization
  const numbers = kind === 'uint8' ? new Uint8Array(bytes) : new Uint16Array(bytes)
  const floats = Float32Array.from(numbers, (number) => number * scale + min)
  return dtype === 'int32' ? Int32Array.from(floats, Math.round) : floats
}
