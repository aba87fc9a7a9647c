import { readFileSync } from 'node:fs'
import { UsageError } from '../../../src-shared/errors.ts'
import type { Precision } from '../../../src-shared/run-config.ts'
import type { Backend } from './backend.ts'

/** What native computes convolutions and products in: on GPUs float16, on CPUs with the instructions bfloat16. */
export function nativePrecisions(onGpu: boolean, cpuInfo = '/proc/cpuinfo'): Precision[] {
  if (onGpu) return ['float32', 'float16']
  return hasBfloat16(cpuInfo) ? ['float32', 'bfloat16'] : ['float32']
}

function hasBfloat16(cpuInfo: string): boolean {
  try {
    return /^(flags|Features)\s*:.*\b(avx512_bf16|amx_bf16|bf16)\b/m.test(readFileSync(cpuInfo, 'utf8'))
  } catch {
    return false
  }
}

/** The backend computing in `precision`. Throws UsageError where it can't. */
export function withPrecision(backend: Backend, precision: Precision): Backend {
  if (!backend.precisions.includes(precision))
    throw new UsageError(
      `The precision "${precision}" is not to be had with ${backend.name} on ${backend.device}, which computes in ${backend.precisions.join(' or ')}.`
    )
  if (precision === 'float32') return backend
  if (backend.executor !== 'graph')
    throw new UsageError(`The precision "${precision}" needs the executor "graph", not "${backend.executor}".`)
  return { ...backend, precision }
}
