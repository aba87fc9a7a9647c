import type { CallOptions, Executor } from '../../../src-shared/contract.ts'
import { UserError } from '../../../src-shared/errors.ts'
import type { RunConfig } from '../../../src-shared/run-config.ts'
import type { Backend } from '../backend/backend.ts'
import { withPrecision } from '../backend/precision.ts'
import { networkInputSize } from '../data/load-selection.ts'
import { loadDataset } from '../data/dataset.ts'
import { initialWeights } from '../model/initialize.ts'
import type { Network } from '../model/layer.ts'
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
import { chooseExecutor, type Choice } from './choose-executor.ts'
import type { Batch } from './stepper.ts'
import { prepareTrainingData, type TrainingData } from './training-data.ts'
import { zeroVelocity } from './training-state.ts'

/** A run opened for training: what it is, where it stands, what it learns from. */
export type RunSession = {
  folder: string
  manifest: Manifest
  network: Network
  data: TrainingData
  checkpoint: RunCheckpoint
  history: History
  writer: HistoryWriter
}

/** Starts a new run in an empty folder. */
export async function startRun(
  backend: Backend,
  folder: string,
  config: RunConfig,
  options: CallOptions & { executor?: Executor } = {}
): Promise<RunSession> {
  const dataset = await loadDataset(config.data.name)
  const begun: Manifest = {
    schemaVersion: runSchemaVersion,
    config,
    data: {
      name: dataset.name,
      hash: dataset.hash,
      classes: dataset.classes,
      channels: dataset.shape[2],
      size: networkInputSize,
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
  const { size, channels } = begun.data
  const plan = {
    backend,
    network: networkOf(begun),
    config,
    steps: data.stepsPerEpoch * config.epochs,
    batch: (): Batch => ({ ...data.batch(0, 0), shape: [size, size, channels] })
  }
  const precision = config.precision ?? 'float32'
  withPrecision(options.executor ? { ...backend, executor: options.executor } : backend, precision)
  const choice: Choice = options.executor
    ? { executor: options.executor, reason: 'asked', msPerStep: {} }
    : precision === 'float32'
      ? await chooseExecutor(plan, options)
      : { executor: backend.executor, reason: 'usual', msPerStep: {} }
  const manifest = { ...begun, execution: { ...choice, threads: backend.threads } }
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
  const latest = await findCheckpoint(folder)
  const checkpoint = latest === null ? freshCheckpoint(network, manifest.config.seed) : await readCheckpoint(latest)
  if (latest === null) await writeCheckpoint(folder, checkpoint)
  const data = prepareTrainingData(manifest.config, dataset, manifest.data)
  const history = await truncateHistory(folder, checkpoint.progress.step, checkpoint.progress.epochsDone)
  const writer = await HistoryWriter.open(folder)
  return { folder, manifest, network, data, checkpoint, history, writer }
}

function freshCheckpoint(network: Network, seed: number): RunCheckpoint {
  const weights = initialWeights(network, seed)
  return {
    weights,
    velocity: zeroVelocity(network),
    progress: { step: 0, epochsDone: 0, random: { seed, epoch: 0, step: 0 } }
  }
}
