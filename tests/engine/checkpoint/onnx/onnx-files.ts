import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSafetensors } from '../../../../src-main/engine/checkpoint/safetensors/safetensors-file.ts'

/** A committed file of this format. */
export const onnxFixture = (name: string): string => join(import.meta.dirname, '../../../fixtures/onnx', name)

/** A fixture's tensors as plain lists, by name. */
export async function readFixture(name: string): Promise<Map<string, { shape: number[]; data: ArrayLike<number> }>> {
  const { tensors } = await readSafetensors(onnxFixture(name))
  return new Map(
    [...tensors].map(([key, { shape, data }]) => [key, { shape, data: data as Float32Array | Uint8Array }])
  )
}

/** Does something with bytes as a file. */
export async function withBytes<R>(bytes: Uint8Array, work: (path: string, folder: string) => Promise<R>): Promise<R> {
  const folder = await mkdtemp(join(tmpdir(), 'onnx-'))
  try {
    const path = join(folder, 'model.onnx')
    await writeFile(path, bytes)
    return await work(path, folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** The largest difference, relative to the largest number that is expected. */
export function farthest(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  if (ours.length !== theirs.length) return Infinity
  let [difference, largest] = [0, 1e-6]
  for (let at = 0; at < theirs.length; at++) {
    const distance = Math.abs(ours[at]! - theirs[at]!)
    difference = Math.max(difference, Number.isNaN(distance) ? Infinity : distance)
    largest = Math.max(largest, Math.abs(theirs[at]!))
  }
  return difference / largest
}
