import type { BackendName, EngineContract } from '../../src-shared/contract.ts'
import { openBackend } from './backend/choose.ts'
import { doctor } from './backend/doctor.ts'
import { exportCheckpoint } from './calls/export-checkpoint.ts'
import { inspect } from './calls/inspect.ts'
import { evaluate, predict } from './calls/predict.ts'
import { listDatasets } from './data/dataset.ts'
import { runProbe } from './probes/run-probe.ts'
import { train } from './training/train.ts'

/** The engine of this process. The backend (by default the best that works) is opened by the first call that needs it. */
export function createEngine({ backend }: { backend?: BackendName } = {}): EngineContract {
  return {
    doctor: () => doctor(),
    listDatasets: () => listDatasets(),
    inspect: (request) => inspect(request),
    exportCheckpoint: (request) => exportCheckpoint(request),
    train: async (request, options) => train(await openBackend(backend), request, options),
    predict: async (request, options) => predict(await openBackend(backend), request, options),
    evaluate: async (request, options) => evaluate(await openBackend(backend), request, options),
    runProbe: async (kind, request, options) => runProbe(await openBackend(backend), kind, request, options)
  }
}
