import type { Tensor2D } from '@tensorflow/tfjs'
import type { CallOptions, EngineResult } from '../../../src-shared/contract.ts'
import { CancelledError, throwIfCancelled, UserError } from '../../../src-shared/errors.ts'
import type { EpochRecord, StepRecord } from '../../../src-shared/reports.ts'
import type { Backend } from '../backend/backend.ts'
import { opsOf } from '../backend/ops/ops.ts'
import { summarize } from '../evaluation/evaluate.ts'
import { breathe, runNetwork } from '../evaluation/run-network.ts'
import type { Network } from '../model/layer.ts'
import { progressMeter } from '../progress.ts'
import { writeCheckpoint } from '../runs/run-folder.ts'
import { epochRecord } from './epoch-record.ts'
import type { RunSession } from './run-session.ts'
import { learningRateAt } from './schedule.ts'
import type { LabelledSource } from './training-data.ts'
import { disposeTrainingState, fromTrainingState, isFiniteState, toTrainingState } from './training-state.ts'
import { readMetrics, trainingStep, type TrainingState } from './training-step.ts'

/** Wall time after which a checkpoint is due within an epoch. */
const checkpointEveryMs = 60_000

/** Hears what a training records, as it does: long before the records are written, with the next checkpoint. */
export type TrainingListener = {
  /** Once, before the first step, with what earlier sessions recorded up to the checkpoint that the run goes on from. */
  onStart(session: RunSession): void
  onStep(record: StepRecord): void
  onEpoch(record: EpochRecord): void
}

export type TrainingOptions = CallOptions & { listener?: TrainingListener }

/** A run's training: steps, the test after each epoch, checkpoints. `run` goes on to the end. */
export class Training {
  private state: TrainingState
  private step: number
  private epochsDone: number
  private savedAt = performance.now()
  private readonly epochs: EpochRecord[]
  private epochSteps: StepRecord[]

  constructor(
    private readonly backend: Backend,
    private readonly session: RunSession,
    private readonly options: TrainingOptions
  ) {
    const { checkpoint, history, network } = session
    this.state = toTrainingState(backend, network, checkpoint)
    this.step = checkpoint.progress.step
    this.epochsDone = checkpoint.progress.epochsDone
    this.epochs = [...history.epochs]
    this.epochSteps = history.steps.filter(({ epoch }) => epoch === this.epochsDone + 1)
  }

  async run(): Promise<EngineResult<'train'>> {
    const { config } = this.session.manifest
    try {
      this.options.listener?.onStart(this.session)
      while (this.epochsDone < config.epochs) await this.runEpoch()
      return trainResult(this.session.folder, this.session.network, this.epochs)
    } catch (error) {
      if (!(error instanceof CancelledError)) throw error
      await this.save()
      const message = `Stopped after step ${this.step}; go on with --resume ${this.session.folder}.`
      throw new CancelledError(message)
    } finally {
      disposeTrainingState(this.state)
    }
  }

  private async runEpoch(): Promise<void> {
    const { data, manifest, writer } = this.session
    const { config } = manifest
    const steps = data.stepsPerEpoch
    const epoch = this.epochsDone
    // Testing an image costs about a third of training on it.
    const testUnits = (data.test.count + (data.validation?.count ?? 0)) / config.batchSize / 3
    const unitsPerEpoch = steps + testUnits
    const before = epoch * unitsPerEpoch + this.step - epoch * steps
    this.meter ??= progressMeter(this.options.onProgress, unitsPerEpoch * config.epochs, before)
    const name = `epoch ${epoch + 1} of ${config.epochs}`
    while (this.step < (epoch + 1) * steps) {
      throwIfCancelled(this.options.signal)
      if (performance.now() - this.savedAt > checkpointEveryMs) await this.save()
      this.runStep(epoch)
      this.meter.report(epoch * unitsPerEpoch + this.step - epoch * steps, `Training, ${name}`)
      await breathe()
    }
    const trained = epoch * unitsPerEpoch + steps
    const measure = async (source: LabelledSource, from: number, share: number) => {
      const onFraction = (fraction: number) =>
        this.meter?.report(trained + testUnits * (from + fraction * share), `Testing, ${name}`)
      const exits = await runNetwork(this.backend, this.session.network, this.state.network, source, {
        wantsFeatures: false,
        onFraction,
        ...(this.options.signal ? { signal: this.options.signal } : {})
      })
      return summarize(exits, source.labels)
    }
    const testShare = data.validation ? data.test.count / (data.test.count + data.validation.count) : 1
    const test = await measure(data.test, 0, testShare)
    if (!test.exits.every(({ loss }) => Number.isFinite(loss))) throw this.diverged(this.step)
    const validation = data.validation ? await measure(data.validation, testShare, 1 - testShare) : null
    const record = epochRecord(epoch + 1, this.epochSteps, test, validation)
    this.epochs.push(record)
    this.epochSteps = []
    this.epochsDone = epoch + 1
    writer.addEpoch(record)
    this.options.listener?.onEpoch(record)
    await this.save()
  }

  private meter: ReturnType<typeof progressMeter> | undefined

  private runStep(epoch: number): void {
    const { backend, session } = this
    const { tf } = backend
    const { data, manifest, network } = session
    const { config } = manifest
    const started = performance.now()
    const stepInEpoch = this.step - epoch * data.stepsPerEpoch
    const { images, labels, count } = data.batch(epoch, stepInEpoch)
    const learningRate = learningRateAt(config, this.step, data.stepsPerEpoch)
    const { size, channels, classes } = manifest.data
    const inputs = {
      images: tf.tensor4d(images, [count, size, size, channels]),
      targets: tf.tidy(() => tf.oneHot(tf.tensor1d(labels, 'int32'), classes.length).toFloat()) as Tensor2D,
      learningRate: tf.scalar(learningRate)
    }
    const objective = { method: config.method, distillation: config.distillation }
    const old = this.state
    const result = trainingStep(tf, opsOf(backend), network, objective, config, old, inputs)
    const metrics = readMetrics(network, objective, result.metrics)
    this.state = result.state
    disposeTrainingState(old)
    tf.dispose(Object.values(inputs))
    if (!Number.isFinite(metrics.total)) throw this.diverged(this.step + 1)
    this.step += 1
    const imagesPerSecond = (count * 1000) / (performance.now() - started)
    const record = { step: this.step, epoch: epoch + 1, learningRate, ...metrics, imagesPerSecond }
    this.epochSteps.push(record)
    session.writer.addStep(record)
    this.options.listener?.onStep(record)
  }

  /** Writes the history, then the checkpoint, so that no checkpoint is ahead of what was recorded. */
  private async save(): Promise<void> {
    const { folder, network, manifest, writer, data } = this.session
    const plain = fromTrainingState(network, this.state)
    if (!isFiniteState(plain)) throw this.diverged(this.step)
    await writer.flush()
    const { step, epochsDone } = this
    const random = { seed: manifest.config.seed, epoch: epochsDone, step: step - epochsDone * data.stepsPerEpoch }
    await writeCheckpoint(folder, { ...plain, progress: { step, epochsDone, random } })
    this.savedAt = performance.now()
  }

  private diverged(step: number): UserError {
    const { folder, manifest } = this.session
    return new UserError(
      `Training diverged at step ${step}: the loss is not a number any more. ` +
        `The last good checkpoint is kept in ${folder}; try a learning rate below ${manifest.config.learningRate}.`
    )
  }
}

/** What `train` answers: the last epoch's test. */
function trainResult(run: string, network: Network, epochs: EpochRecord[]): EngineResult<'train'> {
  const test = epochs.at(-1)!.test
  return {
    run,
    epochsDone: epochs.length,
    exits: network.exits.map(({ exit }, index) => ({
      exit,
      accuracy: test.accuracy[index]!,
      loss: test.loss[index]!
    })),
    ensemble: { accuracy: test.ensembleAccuracy, loss: test.ensembleLoss }
  }
}
