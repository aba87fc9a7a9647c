import { resolve } from 'node:path'
import type { CallOptions, Executor } from '../../../src-shared/contract.ts'
import { UserError } from '../../../src-shared/errors.ts'
import { totalEpochs, type RunConfig } from '../../../src-shared/run-config.ts'
import type { Backend } from '../backend/backend.ts'
import { withPrecision } from '../backend/precision.ts'
import { inputSizeOf } from '../data/input-size.ts'
import { loadDataset } from '../data/dataset.ts'
import { freshWeights } from '../model/initialize.ts'
import { describeNetwork, type Network } from '../model/layer.ts'
import type { TensorSpec } from '../model/tensor-specs.ts'
import { HistoryWriter, truncateHistory, type History } from '../runs/history.ts'
import { networkOf, runSchemaVersion, type Manifest } from '../runs/manifest.ts'
import {
  createRun,
  findCheckpoint,
  readCheckpoint,
  readManifest,
  writeCheckpoint,
  type RunCheckpoint
} from '../runs/run-folder.ts'
import { softwareVersions } from '../software.ts'
import { requireGradients, requireMemory, requireSameClasses, requireTrainable } from './check-config.ts'
import { chooseExecutor, type Choice } from './choose-executor.ts'
import { readRoundBefore } from './rounds.ts'
import type { Batch } from './stepper.ts'
import { prepareTrainingData, type TrainingData } from './training-data.ts'
import { costOfTeacher, loadTeacher, type LoadedTeacher } from './teacher.ts'
import { stepMemory } from './training-cost.ts'
import { trainedSpecs } from './trained-tensors.ts'
import { zeroVelocity } from './training-state.ts'

/** A run opened for training: what it is, where it stands, what it learns from. */
export type RunSession = {
  folder: string
  manifest: Manifest
  network: Network
  data: TrainingData
  /** Every tensor that training moves. */
  specs: TensorSpec[]
  /** What the run learns from: a teacher, or the network of the round before; null where nothing. */
  teacher: LoadedTeacher | null
  checkpoint: RunCheckpoint
  history: History
  writer: HistoryWriter
}

/** Starts a new run in an empty folder. */
export async function startRun(
  backend: Backend,
  folder: string,
  given: RunConfig,
  options: CallOptions & { executor?: Executor } = {}
): Promise<RunSession> {
  const dataset = await loadDataset(given.data.name)
  // From wherever the run goes on, the teacher is the same.
  const config = given.teacher ? { ...given, teacher: { ...given.teacher, path: resolve(given.teacher.path) } } : given
  const begun: Manifest = {
    schemaVersion: runSchemaVersion,
    config,
    data: {
      name: dataset.name,
      hash: dataset.hash,
      classes: dataset.classes,
      channels: dataset.shape[2],
      size: inputSizeOf(dataset.shape),
      mean: dataset.mean,
      deviation: dataset.deviation
    },
    software: softwareVersions(backend),
    backend: { name: backend.name, device: backend.device, version: backend.version },
    createdAt: new Date().toISOString()
  }
  // Refuses what cannot be trained on before anything is written: too large a limit, too large images.
  const data = prepareTrainingData(config, dataset, begun.data)
  data.test.batch(0, 1)
  data.batch(0, 0)
  const { size, channels } = begun.data
  const network = networkOf(begun)
  const teacher = config.teacher ? await loadTeacher(config.teacher, begun.data) : null
  requireTrainable(network, config, teacher?.network ?? null, size)
  if (teacher) requireSameClasses(config.teacher!.path, teacher.classes, dataset.classes)
  requireGradients(backend, network)
  requireMemory(stepMemory(network, config, teacher?.network ?? null, size))
  const plan = {
    backend,
    network,
    config,
    teacher,
    steps: data.stepsPerEpoch * totalEpochs(config),
    batch: (): Batch => ({ ...data.batch(0, 0), shape: [size, size, channels] })
  }
  const precision = config.precision ?? 'float32'
  withPrecision(options.executor ? { ...backend, executor: options.executor } : backend, precision)
  const choice: Choice = options.executor
    ? { executor: options.executor, reason: 'asked', msPerStep: {} }
    : precision === 'float32'
      ? await chooseExecutor(plan, options)
      : { executor: backend.executor, reason: 'usual', msPerStep: {} }
  const manifest = {
    ...begun,
    config: config.teacher ? { ...config, teacher: { ...config.teacher, hash: teacher!.hash } } : config,
    ...(config.teacher && teacher
      ? { teacher: { network: describeNetwork(teacher.network), ...(await costOfTeacher(config.teacher.path)) } }
      : {}),
    execution: { ...choice, threads: backend.threads }
  }
  await createRun(folder, manifest)
  return resumeRun(backend, folder)
}

/**
 * Opens a run to go on from its last checkpoint, or from fresh weights if it was cut off before its first. Throws
 * UserError if its data set or its backend is no longer the same.
 */
export async function resumeRun(backend: Backend, folder: string): Promise<RunSession> {
  const manifest = await readManifest(folder)
  if (manifest.backend.name !== backend.name)
    throw new UserError(
      `${folder} was begun on the backend "${manifest.backend.name}"; go on with --backend ${manifest.backend.name}, so that its results stay the same.`
    )
  const threads = manifest.execution?.threads ?? backend.threads
  if (threads !== backend.threads)
    throw new UserError(
      `${folder} was begun with ${threads} threads; set TF_NUM_INTRAOP_THREADS=${threads}, so that its results stay the same.`
    )
  const dataset = await loadDataset(manifest.config.data.name)
  if (dataset.hash !== manifest.data.hash)
    throw new UserError(`The data set ${dataset.name} has changed since ${folder} was begun; the run can't go on.`)
  const network = networkOf(manifest)
  const { config } = manifest
  const teacher = config.teacher ? await loadTeacher(config.teacher, manifest.data) : null
  const specs = trainedSpecs(network, config, teacher?.network ?? null)
  const latest = await findCheckpoint(folder)
  const checkpoint = latest === null ? freshCheckpoint(specs, config.seed) : await readCheckpoint(latest)
  if (latest === null) await writeCheckpoint(folder, checkpoint)
  const data = prepareTrainingData(config, dataset, manifest.data)
  const history = await truncateHistory(folder, checkpoint.progress.step, checkpoint.progress.epochsDone)
  const writer = await HistoryWriter.open(folder)
  const before = await readRoundBefore(folder, manifest, network, checkpoint.progress)
  return { folder, manifest, network, specs, teacher: teacher ?? before, data, checkpoint, history, writer }
}

function freshCheckpoint(specs: readonly TensorSpec[], seed: number): RunCheckpoint {
  return {
    weights: freshWeights(specs, seed),
    velocity: zeroVelocity(specs),
    progress: { step: 0, epochsDone: 0, random: { seed, epoch: 0, step: 0 } }
  }
}
