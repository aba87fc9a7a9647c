import type { Tensor4D } from '@tensorflow/tfjs'
import { throwIfCancelled } from '../../../src-shared/errors.ts'
import type { Matrix } from '../../../src-shared/science/matrix.ts'
import type { Backend } from '../backend/backend.ts'
import { opsOf } from '../backend/ops/ops.ts'
import { forward } from '../model/forward.ts'
import type { Network } from '../model/layer.ts'
import type { NetworkState } from '../model/weights.ts'

/** Images as a network takes them; `batch` gives images from..to-1 as NHWC float32, freshly allocated. */
export type ImageSource = {
  count: number
  shape: [height: number, width: number, channels: number]
  batch(from: number, to: number): Float32Array
}

/** One exit's outputs on all images: logits [N,C] and, where asked for, features [N,d]. */
export type ExitMatrices = { exit: number; logits: Matrix; features: Matrix | null }

export type RunOptions = {
  wantsFeatures: boolean
  /** Called after each batch with the share of the images done, 0..1. */
  onFraction?: (fraction: number) => void
  signal?: AbortSignal
  batchSize?: number
}

/** Runs a network over images in evaluation mode. Throws CancelledError when the signal is aborted. */
export async function runNetwork(
  backend: Backend,
  network: Network,
  state: NetworkState,
  source: ImageSource,
  { wantsFeatures, onFraction, signal, batchSize = 250 }: RunOptions
): Promise<ExitMatrices[]> {
  const { tf } = backend
  const ops = opsOf(backend)
  const { count, shape } = source
  const results: ExitMatrices[] = network.exits.map(({ exit, classifier }) => ({
    exit,
    logits: emptyMatrix(count, classifier.outFeatures),
    features: wantsFeatures ? emptyMatrix(count, classifier.inFeatures) : null
  }))
  for (let from = 0; from < count; from += batchSize) {
    throwIfCancelled(signal)
    const to = Math.min(count, from + batchSize)
    tf.tidy(() => {
      const images = tf.tensor4d(source.batch(from, to), [to - from, ...shape]) as Tensor4D
      forward(tf, ops, network, state, images, { kind: 'evaluate' }).forEach(({ logits, features }, index) => {
        const result = results[index]!
        result.logits.data.set(logits.dataSync(), from * result.logits.columns)
        result.features?.data.set(features.dataSync(), from * result.features.columns)
      })
    })
    onFraction?.(to / count)
    await breathe()
  }
  return results
}

/** Lets timers, signals and messages in between two native calls. */
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const emptyMatrix = (rows: number, columns: number): Matrix => ({
  data: new Float32Array(rows * columns),
  rows,
  columns
})
