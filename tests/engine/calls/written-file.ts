import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  encodeSafetensors,
  type SafetensorsTensor
} from '../../../src-main/engine/checkpoint/safetensors/safetensors-file.ts'
import { temporaryFolder } from '../training/small-run.ts'

/** A float32 tensor of one axis. */
export const floats = (...values: number[]): SafetensorsTensor => ({
  ...{ dtype: 'F32', shape: [values.length], data: Float32Array.from(values) }
})

/** A safetensors file of these tensors in a folder of its own, removed when the test ends. */
export function writeFile(tensors: Record<string, SafetensorsTensor>, metadata?: ReadonlyMap<string, string>): string {
  const path = join(temporaryFolder(), 'written.safetensors')
  writeFileSync(path, encodeSafetensors(new Map(Object.entries(tensors)), metadata))
  return path
}
