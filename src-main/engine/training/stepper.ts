import type { Tensor1D } from '@tensorflow/tfjs'
import type { Backend } from '../backend/backend.ts'
import { compileByShape } from '../backend/compile/by-shape.ts'
import { opsOf } from '../backend/ops/ops.ts'
import type { Network } from '../model/layer.ts'
import type { LossScale } from './loss-scale.ts'
import type { Objective } from './losses.ts'
import type { SgdOptions } from '../backend/ops/sgd.ts'
import { disposeTrainingState } from './training-state.ts'
import { readMetrics, trainingStep, type StepInputs, type StepMetrics, type TrainingState } from './training-step.ts'

/** One step's images [count,size,size,channels] and labels [count], in memory of their own. */
export type Batch = {
  images: Float32Array
  labels: Int32Array
  count: number
  /** Height, width and channels. */
  shape: [number, number, number]
}

type Tensors = Pick<TrainingState['network'], 'parameters' | 'statistics'> &
  Pick<TrainingState, 'velocity'> & { /** Empty but for float16. */ scaling: LossScale[] }

/** A network in training: holds its state on the backend and moves it on, one compiled call a step. */
export class Stepper {
  private readonly step
  private unread: Tensor1D | null = null

  /** Owns `state` from here on. */
  constructor(
    private readonly backend: Backend,
    private readonly network: Network,
    private readonly objective: Objective,
    sgd: SgdOptions,
    public state: TrainingState
  ) {
    const { tf } = backend
    const ops = opsOf(backend)
    this.step = compileByShape(
      backend,
      ({ parameters, statistics, velocity, scaling }: Tensors, inputs: StepInputs) => {
        const before = {
          network: { parameters, statistics, batchesTracked: 0 },
          velocity,
          lossScale: scaling[0] ?? null
        }
        const after = trainingStep(tf, ops, network, objective, sgd, before, inputs)
        const { network: moved, lossScale } = after.state
        return {
          parameters: moved.parameters,
          statistics: moved.statistics,
          velocity: after.state.velocity,
          scaling: lossScale ? [lossScale] : [],
          metrics: after.metrics
        }
      }
    )
  }

  /**
   * Takes a step. While it is computed `meanwhile` runs, which may read the metrics of the step before: so reading them
   * makes no step wait.
   */
  async take(
    { images, labels, count, shape }: Batch,
    learningRate: number,
    meanwhile: () => Promise<void>
  ): Promise<void> {
    const { tf } = this.backend
    const { network, velocity, lossScale } = this.state
    const inputs: StepInputs = {
      images: tf.tensor4d(images, [count, ...shape]),
      labels: tf.tensor1d(labels, 'int32'),
      learningRate: tf.scalar(learningRate)
    }
    const { parameters: weights, statistics: averages } = network
    const tensors = { parameters: weights, statistics: averages, velocity, scaling: lossScale ? [lossScale] : [] }
    const running = this.step.call(tensors, inputs)
    const [taken, between] = await Promise.allSettled([running, meanwhile()])
    tf.dispose(Object.values(inputs))
    if (taken.status === 'rejected') throw taken.reason
    const { parameters, statistics, velocity: moved, scaling, metrics } = taken.value
    disposeTrainingState(this.state)
    this.state = {
      network: { parameters, statistics, batchesTracked: network.batchesTracked + 1 },
      velocity: moved,
      lossScale: scaling[0] ?? null
    }
    this.unread = metrics
    if (between.status === 'rejected') throw between.reason
  }

  /** What the last step told, once; null where that has been read, or before the first step. */
  async readMetrics(): Promise<StepMetrics | null> {
    const metrics = this.unread
    this.unread = null
    return metrics && readMetrics(this.network, this.objective, metrics)
  }

  dispose(): void {
    this.unread?.dispose()
    disposeTrainingState(this.state)
    this.step.dispose()
  }
}
