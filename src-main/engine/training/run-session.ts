import { UserError } from '../../../src-shared/errors.ts'
import type { RunConfig } from '../../../src-shared/run-config.ts'
import type { Backend } from '../backend/backend.ts'
import { networkInputSize } from '../data/load-selection.ts'
import { loadDataset } from '../data/dataset.ts'
import { initialWeights } from '../model/initialize.ts'
import type { Network } from '../model/layer.ts'
import { isTrainable, tensorSpecs } from '../model/tensor-specs.ts'
import type { Weights } from '../model/weights.ts'
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
import { prepareTrainingData, type TrainingData } from './training-data.ts'

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
export async function startRun(backend: Backend, folder: string, config: RunConfig): Promise<RunSession> {
  const dataset = await loadDataset(config.data.name)
  const manifest: Manifest = {
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
  prepareTrainingData(config, dataset, manifest.data).test.batch(0, 1)
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
  const velocity: Weights = new Map()
  for (const spec of tensorSpecs(network).filter(isTrainable))
    velocity.set(spec.name, { shape: spec.shape, data: new Float32Array(weights.get(spec.name)!.data.length) })
  return { weights, velocity, progress: { step: 0, epochsDone: 0, random: { seed, epoch: 0, step: 0 } } }
}
