import { dirname, join, sep } from 'node:path'
import { requireFromPackage } from '../../package-root.ts'
import type { Backend } from './backend.ts'
import { requireQuietly, requireTfjs } from './backend-modules.ts'

type WasmPackage = { setWasmPaths(folder: string): void; version_wasm: string }

/** Opens the WebAssembly backend; throws if its binary cannot be started. */
export async function openWasm(): Promise<Backend> {
  const tf = requireTfjs()
  const wasm = requireQuietly<WasmPackage>('@tensorflow/tfjs-backend-wasm')
  const folder = dirname(requireFromPackage.resolve('@tensorflow/tfjs-backend-wasm/package.json'))
  wasm.setWasmPaths(join(folder, 'dist') + sep)
  if (!(await tf.setBackend('wasm'))) throw new Error('the WebAssembly module does not start')
  const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')
  return {
    name: 'wasm',
    device: simd ? 'CPU (WebAssembly, SIMD)' : 'CPU (WebAssembly)',
    version: wasm.version_wasm,
    tf,
    isNative: false,
    executor: 'eager',
    precisions: ['float32'],
    precision: 'float32',
    threads: 1,
    tensorCount: () => tf.memory().numTensors,
    // tfjs starts no threads in Node: github.com/tensorflow/tfjs/issues/3830
    reason: 'WebAssembly computes on one thread in Node.'
  }
}
