import type { Tensor1D } from '@tensorflow/tfjs'
import type { Backend } from '../backend/backend.ts'
import { compileByShape } from '../backend/compile/by-shape.ts'
import { opsOf } from '../backend/ops/ops.ts'
import type { SgdOptions } from '../backend/ops/sgd.ts'
import type { Network } from '../model/layer.ts'
import { disposeState } from '../model/weights.ts'
import type { LossScale } from './loss-scale.ts'
import type { Objective } from './losses.ts'
import type { FrozenNetwork, FrozenState } from './student.ts'
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

/** A network that teaches, with its tensors. */
export type Teaching = FrozenNetwork & { state: FrozenState }

type Tensors = Pick<TrainingState['network'], 'parameters' | 'statistics'> &
  Pick<TrainingState, 'velocity'> & { /** Empty but for float16. */ scaling: LossScale[] }

const noTeacher: FrozenState = { parameters: new Map(), statistics: new Map() }

/** A network in training: holds its state on the backend and moves it on, one compiled call a step. */
export class Stepper {
  private readonly step
  private unread: Tensor1D | null = null

  /** Owns `state` and the teacher's from here on. */
  constructor(
    private readonly backend: Backend,
    private readonly network: Network,
    private readonly objective: Objective,
    sgd: SgdOptions,
    public state: TrainingState,
    private teaching: Teaching | null = null
  ) {
    const { tf } = backend
    const ops = opsOf(backend)
    this.step = compileByShape(
      backend,
      ({ parameters, statistics, velocity, scaling }: Tensors, frozen: FrozenState, inputs: StepInputs) => {
        const pass = { tf, ops, network, objective, frozen: this.teaching }
        const lossScale = scaling[0] ?? null
        const before = { network: { parameters, statistics, batchesTracked: 0 }, velocity, lossScale }
        const teacher = frozen.parameters.size > 0 ? frozen : null
        const after = trainingStep(pass, sgd, before, teacher, inputs)
        const moved = after.state
        return {
          parameters: moved.network.parameters,
          statistics: moved.network.statistics,
          velocity: moved.velocity,
          scaling: moved.lossScale ? [moved.lossScale] : [],
          metrics: after.metrics
        }
      }
    )
  }

  /** Begins anew with another state and another teacher; what was there is freed. */
  restart(state: TrainingState, teaching: Teaching): void {
    disposeTrainingState(this.state)
    this.disposeTeacher()
    this.state = state
    this.teaching = teaching
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
    const { parameters, statistics } = this.teaching?.state ?? noTeacher
    const running = this.step.call(tensors, { parameters, statistics }, inputs)
    const [taken, between] = await Promise.allSettled([running, meanwhile()])
    tf.dispose(Object.values(inputs))
    if (taken.status === 'rejected') throw taken.reason
    const { parameters: trained, statistics: followed, velocity: moved, scaling, metrics } = taken.value
    disposeTrainingState(this.state)
    this.state = {
      network: { parameters: trained, statistics: followed, batchesTracked: network.batchesTracked + 1 },
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
    this.disposeTeacher()
    this.step.dispose()
  }

  private disposeTeacher(): void {
    if (this.teaching) disposeState({ ...this.teaching.state, batchesTracked: 0 })
  }
}
