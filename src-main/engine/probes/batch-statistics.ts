import type { Scalar, Tensor, Tensor4D } from '@tensorflow/tfjs'
import type { Backend } from '../backend/backend.ts'
import { compileByShape } from '../backend/compile/by-shape.ts'
import { opsOf } from '../backend/ops/ops.ts'
import type { ImageSource } from '../evaluation/run-network.ts'
import { forward, type Moments } from '../model/forward.ts'
import type { Network } from '../model/layer.ts'
import type { NetworkState } from '../model/weights.ts'

type Statistics = NetworkState['statistics']

/** Measures BatchNorm's statistics anew; `dispose` frees what was compiled. */
export type StatisticsEstimator = {
  /** The state with statistics that are the mean over batches of each batch's own (SCIENCE section 1, protocol C). */
  reestimate(state: NetworkState, source: ImageSource): Promise<NetworkState>
  dispose(): void
}

export function createEstimator(backend: Backend, network: Network, batchSize = 250): StatisticsEstimator {
  const { tf } = backend
  const ops = opsOf(backend)
  /** `sums` and the moments of one batch times `share`. */
  const accumulate = compileByShape(
    backend,
    (parameters: Map<string, Tensor>, sums: Statistics, images: Tensor, share: Scalar): Statistics => {
      const moments: Moments = new Map()
      const state = { parameters, statistics: sums, batchesTracked: 0 }
      forward(tf, ops, network, state, images as Tensor4D, { kind: 'train', moments })
      const moved: Statistics = new Map()
      for (const [name, sum] of sums) moved.set(name, tf.add(sum, tf.mul(moments.get(name)!, share)))
      tf.dispose([...moments.values()])
      return moved
    }
  )

  return {
    async reestimate(state, source) {
      const batches = Math.max(1, Math.floor(source.count / batchSize))
      const share = tf.scalar(1 / batches)
      let sums: Statistics = new Map([...state.statistics].map(([name, tensor]) => [name, tf.zerosLike(tensor)]))
      for (let batch = 0; batch < batches; batch++) {
        const from = batch * batchSize
        const to = Math.min(source.count, from + batchSize)
        const images = tf.tensor4d(source.batch(from, to), [to - from, ...source.shape])
        const moved = await accumulate.call(state.parameters, sums, images, share)
        tf.dispose([images, ...sums.values()])
        sums = moved
      }
      share.dispose()
      return { ...state, statistics: sums }
    },
    dispose: () => accumulate.dispose()
  }
}
