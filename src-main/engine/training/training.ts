import type { CallOptions, EngineResult, Executor } from '../../../src-shared/contract.ts'
import { CancelledError, throwIfCancelled, UserError } from '../../../src-shared/errors.ts'
import type { EpochRecord, StepRecord } from '../../../src-shared/reports.ts'
import { totalEpochs } from '../../../src-shared/run-config.ts'
import type { Manifest } from '../runs/manifest.ts'
import type { Backend } from '../backend/backend.ts'
import { withPrecision } from '../backend/precision.ts'
import { summarize } from '../evaluation/evaluate.ts'
import { breathe, createRunner, type NetworkRunner } from '../evaluation/run-network.ts'
import type { Network } from '../model/layer.ts'
import { progressMeter } from '../progress.ts'
import { writeCheckpoint } from '../runs/run-folder.ts'
import { epochRecord } from './epoch-record.ts'
import { initialLossScale } from './loss-scale.ts'
import type { RunSession } from './run-session.ts'
import { learningRateAt } from './schedule.ts'
import type { LabelledSource } from './training-data.ts'
import { Stepper, type Batch } from './stepper.ts'
import { beginRound, roundAt } from './rounds.ts'
import { teach } from './teacher.ts'
import { trainingMultiplyAdds } from './training-cost.ts'
import { fromTrainingState, isFiniteState, toTrainingState, zeroVelocity } from './training-state.ts'

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
  private readonly stepper: Stepper
  private readonly runner: NetworkRunner
  /** Steps taken. */
  private step: number
  /** The next step's batch, made while the one before was computed. */
  private next: { step: number; batch: Batch } | null = null
  /** The last step as far as it is known before its metrics are read. */
  private unread: Pick<StepRecord, 'step' | 'epoch' | 'learningRate' | 'imagesPerSecond'> | null = null
  private readonly executor: Executor
  private epochsDone: number
  private savedAt = performance.now()
  private readonly epochs: EpochRecord[]
  private epochSteps: StepRecord[]

  constructor(
    private readonly backend: Backend,
    private readonly session: RunSession,
    private readonly options: TrainingOptions
  ) {
    const { checkpoint, history, network, manifest, specs, teacher } = session
    const { config } = manifest
    const executor = manifest.execution?.executor ?? 'eager'
    this.executor = executor
    const precision = config.precision ?? 'float32'
    const lossScale = precision === 'float16' ? (checkpoint.progress.lossScale ?? initialLossScale) : undefined
    const state = toTrainingState(backend, specs, { ...checkpoint, lossScale })
    // The backend has them now, and a step needs the room.
    for (const tensors of [checkpoint.weights, checkpoint.velocity]) tensors.clear()
    const computing = withPrecision({ ...backend, executor }, precision)
    this.stepper = new Stepper(computing, network, config, config, state, teacher && teach(backend, teacher))
    this.runner = createRunner(backend, network, { wantsFeatures: false })
    this.step = checkpoint.progress.step
    this.epochsDone = checkpoint.progress.epochsDone
    this.epochs = [...history.epochs]
    this.epochSteps = history.steps.filter(({ epoch }) => epoch === this.epochsDone + 1)
  }

  async run(): Promise<EngineResult<'train'>> {
    const { config } = this.session.manifest
    try {
      this.options.listener?.onStart(this.session)
      while (this.epochsDone < totalEpochs(config)) await this.runEpoch()
      return trainResult(this.session.folder, this.session.network, this.epochs)
    } catch (error) {
      if (!(error instanceof CancelledError)) throw error
      await this.save()
      const message = `Stopped after step ${this.step}; go on with --resume ${this.session.folder}.`
      throw new CancelledError(message)
    } finally {
      this.stepper.dispose()
      this.runner.dispose()
    }
  }

  private async runEpoch(): Promise<void> {
    const { data, manifest, writer } = this.session
    const { config } = manifest
    const steps = data.stepsPerEpoch
    const epoch = this.epochsDone
    const total = totalEpochs(config)
    if (epoch > 0 && epoch % config.epochs === 0 && this.step === epoch * steps) await this.nextRound()
    // Testing an image costs about a third of training on it.
    const testUnits = (data.test.count + (data.validation?.count ?? 0)) / config.batchSize / 3
    const unitsPerEpoch = steps + testUnits
    const before = epoch * unitsPerEpoch + this.step - epoch * steps
    if (!this.meter) {
      this.meter = progressMeter(this.options.onProgress, unitsPerEpoch * total, before)
      if (this.executor === 'xla') this.meter.report(before, 'Compiling with XLA; this takes some seconds')
    }
    const name = `epoch ${epoch + 1} of ${total}`
    this.onRecorded = (step) => this.meter?.report(epoch * unitsPerEpoch + step - epoch * steps, `Training, ${name}`)
    while (this.step < (epoch + 1) * steps) {
      throwIfCancelled(this.options.signal)
      if (performance.now() - this.savedAt > checkpointEveryMs) await this.save()
      await this.runStep(epoch)
      await breathe()
    }
    await this.record()
    const trained = epoch * unitsPerEpoch + steps
    const measure = async (source: LabelledSource, from: number, share: number) => {
      const onFraction = (fraction: number) =>
        this.meter?.report(trained + testUnits * (from + fraction * share), `Testing, ${name}`)
      const exits = await this.runner.run(this.stepper.state.network, source, {
        onFraction,
        ...(this.options.signal ? { signal: this.options.signal } : {})
      })
      return summarize(exits, source.labels)
    }
    const testShare = data.validation ? data.test.count / (data.test.count + data.validation.count) : 1
    const test = await measure(data.test, 0, testShare)
    if (!test.exits.every(({ loss }) => Number.isFinite(loss))) throw this.diverged(this.step)
    const validation = data.validation ? await measure(data.validation, testShare, 1 - testShare) : null
    const record = epochRecord(epoch + 1, this.epochSteps, test, validation, this.costSoFar())
    this.epochs.push(record)
    this.epochSteps = []
    this.epochsDone = epoch + 1
    writer.addEpoch(record)
    this.options.listener?.onEpoch(record)
    await this.save()
  }

  private meter: ReturnType<typeof progressMeter> | undefined
  /** Tells how far the run is; of a step once it is recorded, so that who hears it has its record. */
  private onRecorded: (step: number) => void = () => undefined

  private async runStep(epoch: number): Promise<void> {
    const { data, manifest } = this.session
    const started = performance.now()
    const batch = this.next?.step === this.step ? this.next.batch : this.batchOf(this.step)
    const { config } = manifest
    // Every round has the whole schedule.
    const inRound = this.step % (config.epochs * data.stepsPerEpoch)
    const learningRate = learningRateAt(config, inRound, data.stepsPerEpoch)
    await this.stepper.take(batch, learningRate, async () => {
      const step = this.step + 1
      if (step < (epoch + 1) * data.stepsPerEpoch) this.next = { step, batch: this.batchOf(step) }
      await this.record()
    })
    this.step += 1
    const imagesPerSecond = (batch.count * 1000) / (performance.now() - started)
    this.unread = { step: this.step, epoch: epoch + 1, learningRate, imagesPerSecond }
  }

  private batchOf(step: number): Batch {
    const { data, manifest } = this.session
    const { size, channels } = manifest.data
    const epoch = Math.floor(step / data.stepsPerEpoch)
    return { ...data.batch(epoch, step % data.stepsPerEpoch), shape: [size, size, channels] }
  }

  /** Records the last step, unless that has been done. */
  private async record(): Promise<void> {
    const metrics = await this.stepper.readMetrics()
    if (!metrics || !this.unread) return
    if (!Number.isFinite(metrics.total)) throw this.diverged(this.unread.step)
    const { imagesPerSecond, ...known } = this.unread
    const record = { ...known, ...metrics, imagesPerSecond }
    this.epochSteps.push(record)
    this.session.writer.addStep(record)
    this.options.listener?.onStep(record)
    this.onRecorded(record.step)
  }

  /** Writes the history, then the checkpoint, so that no checkpoint is ahead of what was recorded. */
  private async save(): Promise<void> {
    const { folder, specs, manifest, writer, data } = this.session
    await this.record()
    const { lossScale, ...plain } = await fromTrainingState(specs, this.stepper.state)
    if (!isFiniteState(plain)) throw this.diverged(this.step)
    await writer.flush()
    const { step, epochsDone } = this
    const random = { seed: manifest.config.seed, epoch: epochsDone, step: step - epochsDone * data.stepsPerEpoch }
    await writeCheckpoint(folder, {
      ...plain,
      progress: { step, epochsDone, random, ...(lossScale ? { lossScale } : {}) }
    })
    this.savedAt = performance.now()
  }

  /** The finished network teaches a new one. */
  private async nextRound(): Promise<void> {
    const { folder, manifest, network, specs } = this.session
    const { weights } = await fromTrainingState(specs, this.stepper.state)
    const round = roundAt(manifest, this.epochsDone)
    const { teacher, fresh } = await beginRound(folder, manifest, network, round, weights)
    const { lossScale } = this.stepper.state
    const plain = { weights: fresh, velocity: zeroVelocity(specs), lossScale: lossScale ? initialLossScale : undefined }
    this.stepper.restart(toTrainingState(this.backend, specs, plain), teach(this.backend, teacher))
  }

  /** Wall time and multiply-adds of all steps so far, and of the teacher's own training. */
  private costSoFar(): Required<Pick<EpochRecord, 'trainSeconds' | 'trainMultiplyAdds'>> {
    const { manifest, network, teacher, data } = this.session
    const { config } = manifest
    const last = this.epochs.at(-1)
    // A teacher of which nothing is known leaves the whole unknown.
    const beforeRun = (pick: (teacher: NonNullable<Manifest['teacher']>) => number | null) =>
      manifest.teacher ? (pick(manifest.teacher) ?? NaN) : 0
    const before = {
      seconds: last ? (last.trainSeconds ?? NaN) : beforeRun((teacher) => teacher.trainSeconds),
      multiplyAdds: last ? (last.trainMultiplyAdds ?? NaN) : beforeRun((teacher) => teacher.trainMultiplyAdds)
    }
    const counts = this.epochSteps.map((_, index) => data.countOf(index))
    const seconds = this.epochSteps.reduce((sum, step, index) => sum + counts[index]! / step.imagesPerSecond, 0)
    const images = counts.reduce((sum, count) => sum + count, 0)
    const isTaught = roundAt(manifest, this.epochsDone) > 0
    const each = trainingMultiplyAdds(network, config, teacher?.network ?? null, manifest.data.size, isTaught)
    return { trainSeconds: before.seconds + seconds, trainMultiplyAdds: before.multiplyAdds + images * each }
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
