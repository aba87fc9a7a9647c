import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { UserError } from '../../../../../src-shared/errors.ts'
import { packageRoot } from '../../../../package-root.ts'
import { decodeImage } from './decode-image.ts'
import type { DecodedBatch, DecodeTask, WorkerData } from './worker.ts'

/** The built worker.ts, or null where the sources themselves run (tests): Node 20 has no thread for TypeScript. */
const program = import.meta.url.endsWith('.ts') ? null : join(packageRoot, 'out', 'image-worker.js')
/** Images that a thread is given at once. */
const batchSize = 64
const mostThreads = 4

/**
 * Decodes image files on other threads (or, where the sources run, one by one on this one, others between them): N x size x
 * size x channels bytes in the order of `paths`. Throws UserError, of the first damaged file that is found.
 */
export function decodeAll(paths: readonly string[], size: number, channels: 1 | 3): Promise<Uint8Array> {
  return program === null ? decodeHere(paths, size, channels) : decodeOnThreads(program, paths, size, channels)
}

async function decodeHere(paths: readonly string[], size: number, channels: 1 | 3): Promise<Uint8Array> {
  const bytes = size * size * channels
  const images = new Uint8Array(paths.length * bytes)
  for (const [index, path] of paths.entries()) {
    images.set(await decodeImage(path, size, channels), index * bytes)
    await setImmediate()
  }
  return images
}

/** On threads of `program`, the built worker.ts. Throws UserError also where a thread itself fails: it names its file. */
export async function decodeOnThreads(
  program: string,
  paths: readonly string[],
  size: number,
  channels: 1 | 3
): Promise<Uint8Array> {
  const bytes = size * size * channels
  const images = new Uint8Array(paths.length * bytes)
  const shared = new SharedArrayBuffer(4 * (1 + mostThreads))
  let next = 0
  const work = (worker: Worker, thread: number) =>
    new Promise<void>((resolve, reject) => {
      let from = 0
      const giveNext = () => {
        from = next
        if (from >= paths.length) return resolve()
        next = Math.min(paths.length, from + batchSize)
        worker.postMessage({ paths: paths.slice(from, next), size, channels } satisfies DecodeTask)
      }
      worker.on('message', ({ pixels, error }: DecodedBatch) => {
        if (error !== null) return reject(new UserError(error))
        images.set(pixels, from * bytes)
        giveNext()
      })
      const fail = (why: string, cause?: unknown) => {
        const path = paths[from + Atomics.load(new Int32Array(shared), 1 + thread)] ?? paths[from]
        reject(new UserError(`${path} can't be decoded: ${why}.`, { cause }))
      }
      worker.on('error', (error) =>
        fail(
          (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY'
            ? 'it takes more memory than there is; make it smaller'
            : `the thread that decodes it failed (${error instanceof Error ? error.message : String(error)})`,
          error
        )
      )
      worker.on('exit', (code) => fail(`the thread that decodes it ended with status ${code}`))
      giveNext()
    })
  const count = Math.min(mostThreads, availableParallelism(), Math.ceil(paths.length / batchSize))
  const workers = Array.from(
    { length: count },
    (_, thread) => new Worker(program, { name: 'images', workerData: { shared, thread } satisfies WorkerData })
  )
  try {
    await Promise.all(workers.map(work))
    return images
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}
