import { writeFileSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { openCheckpoint } from '../../../src-main/engine/checkpoint/checkpoint.ts'
import { encodePytorch } from '../../../src-main/engine/checkpoint/pytorch/pytorch-encode.ts'
import {
  encodeSafetensors,
  type SafetensorsTensor
} from '../../../src-main/engine/checkpoint/safetensors/safetensors-file.ts'
import { temporaryFolder } from '../training/small-run.ts'

/** As in a ResNet: each large tensor is followed by five small ones. */
const large = 40
const state = new Map<string, SafetensorsTensor>()
for (let index = 0; index < large; index++) {
  state.set(`layer${index}.conv.weight`, { dtype: 'F32', shape: [50_000], data: new Float32Array(50_000).fill(index) })
  for (const name of ['weight', 'bias', 'running_mean', 'running_var'])
    state.set(`layer${index}.bn.${name}`, { dtype: 'F32', shape: [64], data: new Float32Array(64).fill(index) })
  state.set(`layer${index}.bn.num_batches_tracked`, { dtype: 'I64', shape: [], data: BigInt64Array.of(7n) })
}
const bytesOfTensors = [...state.values()].reduce((sum, { data }) => sum + data.byteLength, 0)

/** What `work` asks of open files: calls of read, and the bytes that they brought. */
async function countReads(path: string, work: () => Promise<unknown>): Promise<{ calls: number; bytes: number }> {
  const handle = await open(path)
  const read = vi.spyOn(Object.getPrototypeOf(handle) as FileHandle, 'read')
  await handle.close()
  try {
    await work()
    let bytes = 0
    for (const { value } of read.mock.settledResults) bytes += (value as { bytesRead: number }).bytesRead
    return { calls: read.mock.calls.length, bytes }
  } finally {
    read.mockRestore()
  }
}

// A read of a file costs as much time as 100 KB of it: small tensors come with their neighbours.
describe.each([
  ['pytorch-zip', encodePytorch(state), 4],
  ['safetensors', encodeSafetensors(state), 2]
])('%s', (format, file, perLarge) => {
  test('few reads, and hardly more bytes than the file has', async () => {
    const path = join(temporaryFolder(), 'weights')
    writeFileSync(path, file)
    let checkpoint: Awaited<ReturnType<typeof openCheckpoint>> | undefined
    const { calls, bytes } = await countReads(path, async () => {
      checkpoint = await openCheckpoint(path)
    })
    expect(checkpoint!.format).toBe(format)
    expect(calls).toBeLessThan(perLarge * large + 20)
    expect(bytes).toBeLessThan(1.5 * file.length)
    // Values lie where they were read: no tensor keeps more memory than it needs.
    let held = 0
    for (const { data } of checkpoint!.weights.values()) {
      expect(data.byteOffset).toBe(0)
      held += data.buffer.byteLength
    }
    expect(held).toBeLessThanOrEqual(bytesOfTensors)
    expect(checkpoint!.weights.get('layer7.conv.weight')!.data[49_999]).toBe(7)
    expect(checkpoint!.weights.get('layer9.bn.bias')!.data[63]).toBe(9)
  })
})
