// One process that opens files, as lines of JSON ask for: `{side, path}` in, `{ms, peakBytes}` out.
import { readFileSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { openCheckpoint } from '../../../src-main/engine/checkpoint/checkpoint.ts'
import { encodePytorch } from '../../../src-main/engine/checkpoint/pytorch/pytorch-encode.ts'
import { encodeSafetensors } from '../../../src-main/engine/checkpoint/safetensors/safetensors-file.ts'

type Request = { side: string; path: string }

const sides: Record<string, (path: string) => unknown> = {
  ours: openCheckpoint,
  /** The least that can be done: the bytes into memory, and once more into arrays of their own. */
  copy: (path) => new Uint8Array(readFileSync(path)),
  nothing: () => undefined,
  /** Writes both formats to `path` with an ending: the tensors of a ResNet, most of them small, all their bytes in few. */
  write: (path) => {
    const { pth, safetensors } = encodeMadeUp()
    writeFileSync(`${path}.pth`, pth)
    writeFileSync(`${path}.safetensors`, safetensors)
  }
}

/** Bytes. What getrusage says also counts the process that started this one, up to the moment it did. */
function peakMemory(): number {
  try {
    return 1024 * Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1])
  } catch {
    return process.resourceUsage().maxRSS * 1024
  }
}

function encodeMadeUp() {
  const state = new Map()
  for (let layer = 0; layer < 60; layer++) {
    const data = Float32Array.from({ length: 417_000 }, (_, index) => Math.sin(index + layer))
    state.set(`layer${layer}.conv.weight`, { dtype: 'F32', shape: [417, 1000], data })
    for (const name of ['weight', 'bias', 'running_mean', 'running_var'])
      state.set(`layer${layer}.bn.${name}`, { dtype: 'F32', shape: [417], data: data.slice(0, 417) })
    state.set(`layer${layer}.bn.num_batches_tracked`, { dtype: 'I64', shape: [], data: BigInt64Array.of(9n) })
  }
  return { pth: encodePytorch(state), safetensors: encodeSafetensors(state) }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { side, path } = JSON.parse(line) as Request
  globalThis.gc?.()
  const started = performance.now()
  const kept = await sides[side]!(path)
  const ms = performance.now() - started
  // The result is still needed here, so it was held while the peak was reached.
  const peakBytes = kept === null ? 0 : peakMemory()
  process.stdout.write(`${JSON.stringify({ ms, peakBytes })}\n`)
}
