import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { CancelledError, throwIfCancelled } from '../../../../src-shared/errors.ts'
import { packageRoot } from '../../../package-root.ts'
import { breathe } from '../../evaluation/run-network.ts'
import type { BlockOptions } from '../row-products.ts'
import { mapByUmap, type UmapTask } from './umap.ts'

/** The built program, or null where the sources themselves run (tests): Node 20 has no thread for TypeScript. */
const program = import.meta.url.endsWith('.ts') ? null : join(packageRoot, 'out', 'umap-worker.js')

/**
 * Makes a map on another thread, or step by step on this one where the sources run; both give the same coordinates,
 * points x dims row-major. Throws CancelledError as soon as the signal is aborted, which ends the thread.
 */
export function runUmap(task: UmapTask, options: BlockOptions = {}): Promise<Float64Array> {
  return program === null ? runHere(task, options) : runThread(program, task, options)
}

/** On this thread; others have their turn between two epochs. */
export async function runHere(task: UmapTask, { onFraction, signal }: BlockOptions = {}): Promise<Float64Array> {
  const steps = mapByUmap(task)
  for (;;) {
    throwIfCancelled(signal)
    const { done, value } = steps.next()
    if (done) return value
    onFraction?.(value)
    await breathe()
  }
}

/** On a thread of `path`, the built worker.ts. */
export async function runThread(
  path: string,
  task: UmapTask,
  { onFraction, signal }: BlockOptions = {}
): Promise<Float64Array> {
  throwIfCancelled(signal)
  const worker = new Worker(path, { workerData: task, name: 'umap' })
  let cancel = () => {}
  const map = new Promise<Float64Array>((resolve, reject) => {
    cancel = () => reject(new CancelledError())
    worker.on('message', (message: number | Float64Array) => {
      if (typeof message === 'number') onFraction?.(message)
      else resolve(message)
    })
    worker.on('error', reject)
    worker.on('exit', (code) => reject(new Error(`The thread that makes the map ended with status ${code}.`)))
  })
  signal?.addEventListener('abort', cancel)
  try {
    return await map
  } finally {
    signal?.removeEventListener('abort', cancel)
    await worker.terminate()
  }
}
