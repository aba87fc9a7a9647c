// A program of its own, built to out/image-worker.js: decodes batches of image files on a thread of its own.
import { parentPort, workerData } from 'node:worker_threads'
import { UserError } from '../../../../../src-shared/errors.ts'
import { decodeImage, type OneAtATime } from './decode-image.ts'

/** What the threads share: a lock for large images, then for each thread which of its files it is at. */
export type WorkerData = { shared: SharedArrayBuffer; thread: number }
/** Files to decode to squares of `size` pixels. */
export type DecodeTask = { paths: string[]; size: number; channels: 1 | 3 }
/** Their pixels one after the other, or the sentence on the first that can't be read. */
export type DecodedBatch = { pixels: Uint8Array; error: string | null }

const { shared, thread } = workerData as WorkerData
const numbers = new Int32Array(shared)

const oneAtATime: OneAtATime = (work) => {
  while (Atomics.compareExchange(numbers, 0, 0, 1) !== 0) Atomics.wait(numbers, 0, 1)
  try {
    return work()
  } finally {
    Atomics.store(numbers, 0, 0)
    Atomics.notify(numbers, 0, 1)
  }
}

async function decode({ paths, size, channels }: DecodeTask): Promise<DecodedBatch> {
  const bytes = size * size * channels
  const pixels = new Uint8Array(paths.length * bytes)
  let current = ''
  try {
    for (const [index, path] of paths.entries()) {
      current = path
      Atomics.store(numbers, 1 + thread, index)
      pixels.set(await decodeImage(path, size, channels, oneAtATime), index * bytes)
    }
    return { pixels, error: null }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const sentence = error instanceof UserError ? why : `${current} can't be decoded: ${why.replace(/\.?\s*$/, '')}.`
    return { pixels: new Uint8Array(0), error: sentence }
  }
}

parentPort?.on('message', (task: DecodeTask) => {
  void decode(task).then((batch) => parentPort?.postMessage(batch, [batch.pixels.buffer as ArrayBuffer]))
})
