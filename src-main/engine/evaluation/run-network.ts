import type { Tensor, Tensor4D } from '@tensorflow/tfjs'
import { throwIfCancelled } from '../../../src-shared/errors.ts'
import type { Matrix } from '../../../src-shared/science/matrix.ts'
import type { Backend } from '../backend/backend.ts'
import { compileByShape } from '../backend/compile/by-shape.ts'
import { opsOf } from '../backend/ops/ops.ts'
import { forward } from '../model/forward.ts'
import { largestActivation } from '../model/activations.ts'
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

/** A batch's largest tensor is at most this large, bytes: larger ones gain nothing and leave the caches. */
const mostActivationBytes = 2 ** 26

/** Images that are run together: as many as gain time, fewer of a wide network. */
const batchSizeFor = (network: Network, size: number): number =>
  Math.min(500, Math.max(16, Math.floor(mostActivationBytes / largestActivation(network, size))))

/** What a runner is made for. */
export type RunnerOptions = { wantsFeatures: boolean; batchSize?: number }

export type RunOptions = {
  /** Called after each batch with the share of the images done, 0..1. */
  onFraction?: (fraction: number) => void
  signal?: AbortSignal
}

/** A network in evaluation mode, compiled at its first run; `dispose` frees what was compiled. */
export type NetworkRunner = {
  /** Runs the network over all images. Throws CancelledError when the signal is aborted. */
  run(state: NetworkState, source: ImageSource, options?: RunOptions): Promise<ExitMatrices[]>
  dispose(): void
}

/** Every exit's output with the weights given at each run, `batchSize` images at a time. */
export function createRunner(
  backend: Backend,
  network: Network,
  { wantsFeatures, batchSize }: RunnerOptions
): NetworkRunner {
  const { tf } = backend
  const ops = opsOf(backend)
  type State = Pick<NetworkState, 'parameters' | 'statistics'>
  const compiled = compileByShape(backend, ({ parameters, statistics }: State, images: Tensor) => {
    const state = { parameters, statistics, batchesTracked: 0 }
    const outputs = forward(tf, ops, network, state, images as Tensor4D, { kind: 'evaluate' })
    return outputs.map(({ logits, features }): Tensor[] => (wantsFeatures ? [logits, features] : [logits]))
  })

  return {
    async run({ parameters, statistics }, source, { onFraction, signal } = {}) {
      const { count, shape } = source
      const size = Math.min(batchSize ?? batchSizeFor(network, shape[0]), count)
      const results: ExitMatrices[] = network.exits.map(({ exit, classifier }) => ({
        exit,
        logits: emptyMatrix(count, classifier.outFeatures),
        features: wantsFeatures ? emptyMatrix(count, classifier.inFeatures) : null
      }))
      let next = paddedBatch(source, 0, size)
      for (let from = 0; from < count; from += size) {
        throwIfCancelled(signal)
        const images = tf.tensor4d(next, [size, ...shape])
        const running = compiled.call({ parameters, statistics }, images)
        // While the backend computes.
        if (from + size < count) next = paddedBatch(source, from + size, size)
        const outputs = await running
        images.dispose()
        const rows = Math.min(size, count - from)
        for (const [index, [logits, features]] of outputs.entries()) {
          await copyRows(logits!, results[index]!.logits, from, rows)
          if (features) await copyRows(features, results[index]!.features!, from, rows)
        }
        onFraction?.((from + rows) / count)
        await breathe()
      }
      return results
    },
    dispose: () => compiled.dispose()
  }
}

/** Runs a network over images once. Throws CancelledError when the signal is aborted. */
export async function runNetwork(
  backend: Backend,
  network: Network,
  state: NetworkState,
  source: ImageSource,
  options: RunnerOptions & RunOptions
): Promise<ExitMatrices[]> {
  const runner = createRunner(backend, network, options)
  try {
    return await runner.run(state, source, options)
  } finally {
    runner.dispose()
  }
}

/** `size` images from `from` on; after the last one black ones, so that every batch has one shape. */
function paddedBatch({ count, shape, batch }: ImageSource, from: number, size: number): Float32Array {
  const to = Math.min(count, from + size)
  const images = batch(from, to)
  if (to - from === size) return images
  const padded = new Float32Array(size * shape[0] * shape[1] * shape[2])
  padded.set(images)
  return padded
}

/** Moves the first `rows` rows of a tensor to those of a matrix from `from` on. */
async function copyRows(tensor: Tensor, { data, columns }: Matrix, from: number, rows: number): Promise<void> {
  const values = (await tensor.data()) as Float32Array
  data.set(values.subarray(0, rows * columns), from * columns)
  tensor.dispose()
}

/** Lets timers, signals and messages in between two calls. */
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const emptyMatrix = (rows: number, columns: number): Matrix => ({
  data: new Float32Array(rows * columns),
  rows,
  columns
})
