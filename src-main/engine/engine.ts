import type { EngineContract, EngineOptions } from '../../src-shared/contract.ts'
import { openBackend, withExecutor } from './backend/choose.ts'
import { doctor } from './backend/doctor.ts'
import { diffCheckpoints } from './calls/diff-checkpoints.ts'
import { exportCheckpoint } from './calls/export-checkpoint.ts'
import { nameArchitecture } from './calls/name-architecture.ts'
import { evaluate, predict } from './calls/predict.ts'
import { tensorStatistics } from './calls/tensor-statistics.ts'
import { addDataset, removeDataset } from './data/add-dataset.ts'
import { datasetHome } from './data/dataset-home.ts'
import { listDatasets } from './data/dataset.ts'
import { checkPreprocessing } from './preprocessing/check.ts'
import { findPreprocessing, setPreprocessing } from './preprocessing/set.ts'
import { runProbe } from './probes/run-probe.ts'
import { threadsOfRun } from './runs/run-folder.ts'
import { inspectAny } from './timeline/inspect-timeline.ts'
import { train } from './training/train.ts'

/**
 * The engine of this process. The backend (by default the best that works) is opened by the first call that needs it;
 * `executor` is how it runs networks, by default as the backend does best.
 */
export function createEngine({ backend, executor }: EngineOptions = {}): EngineContract {
  const open = async (threads?: number) => withExecutor(await openBackend(backend, threads), executor)
  return {
    doctor: () => doctor(),
    listDatasets: () => listDatasets(),
    addDataset: (request) => addDataset(datasetHome(), request),
    removeDataset: ({ name }) => removeDataset(datasetHome(), name),
    inspect: (request) => inspectAny(request),
    tensorStatistics: (request, options) => tensorStatistics(request, options),
    diffCheckpoints: (request, options) => diffCheckpoints(request, options),
    exportCheckpoint: (request) => exportCheckpoint(request),
    nameArchitecture: (request) => nameArchitecture(request),
    train: async (request, options) =>
      train(await open(request.config ? undefined : await threadsOfRun(request.out)), request, {
        ...options,
        ...(executor ? { executor } : {})
      }),
    predict: async (request, options) => predict(await open(), request, options),
    evaluate: async (request, options) => evaluate(await open(), request, options),
    checkPreprocessing: async (request, options) => checkPreprocessing(await open(), request, options),
    findPreprocessing: (request) => findPreprocessing(request),
    setPreprocessing: (request) => setPreprocessing(request),
    runProbe: async (kind, request, options) => runProbe(await open(), kind, request, options)
  }
}
