// A program of its own, built to out/image-worker.js: decodes batches of image files on a thread of its own.
import { parentPort } from 'node:worker_threads'
import { UserError } from '../../../../../src-shared/errors.ts'
import { decodeImage } from './decode-image.ts'

/** Files to decode to squares of `size` pixels. */
export type DecodeTask = { paths: string[]; size: number; channels: 1 | 3 }
/** Their pixels one after the other, or the sentence on the first that can't be read. */
export type DecodedBatch = { pixels: Uint8Array; error: string | null }

async function decode({ paths, size, channels }: DecodeTask): Promise<DecodedBatch> {
  const bytes = size * size * channels
  const pixels = new Uint8Array(paths.length * bytes)
  try {
    for (const [index, path] of paths.entries()) pixels.set(await decodeImage(path, size, channels), index * bytes)
    return { pixels, error: null }
  } catch (error) {
    if (error instanceof UserError) return { pixels: new Uint8Array(0), error: error.message }
    throw error
  }
}

parentPort?.on('message', (task: DecodeTask) => {
  void decode(task).then((batch) => parentPort?.postMessage(batch, [batch.pixels.buffer as ArrayBuffer]))
})
