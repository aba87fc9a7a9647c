import type { Backend } from './backend.ts'
import { requireTfjs } from './backend-modules.ts'

/** Opens the plain-JavaScript backend, which works everywhere and is slow. */
export async function openCpu(): Promise<Backend> {
  const tf = requireTfjs()
  await tf.setBackend('cpu')
  return {
    name: 'cpu',
    device: 'CPU (plain JavaScript)',
    version: tf.version.tfjs,
    tf,
    isNative: false,
    executor: 'eager',
    precisions: ['float32'],
    precision: 'float32',
    threads: 1,
    tensorCount: () => tf.memory().numTensors,
    reason: 'Plain JavaScript computes on one thread and is slow.'
  }
}
