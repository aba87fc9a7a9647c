import { mkdir, realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { BackendName } from '../../src-shared/contract.ts'
import { UserError } from '../../src-shared/errors.ts'
import { isActive } from '../../src-shared/jobs.ts'
import type { LabCalls } from '../../src-shared/lab-contract.ts'
import type { Handlers } from '../../src-shared/rpc.ts'
import { exportsFolder } from '../lab-exports.ts'
import { doctor } from './backend/doctor.ts'
import { diffCheckpoints } from './calls/diff-checkpoints.ts'
import { exportCheckpoint } from './calls/export-checkpoint.ts'
import { exportForBrowser } from './calls/export-for-browser.ts'
import { nameArchitecture } from './calls/name-architecture.ts'
import { previewAugmentation } from './calls/preview-augmentation.ts'
import { previewNetwork } from './calls/preview-network.ts'
import { tensorStatistics } from './calls/tensor-statistics.ts'
import { tellingRows } from './calls/told-in-batches.ts'
import { addDataset, removeDataset } from './data/add-dataset.ts'
import { useDatasetsOf } from './data/dataset-home.ts'
import { listDatasets } from './data/dataset.ts'
import { readImages } from './data/read-images.ts'
import type { JobHost } from './jobs/job-host.ts'
import { Jobs } from './jobs/jobs.ts'
import { checkConfigPaths } from './jobs/spec-paths.ts'
import { tryBackendIn } from './jobs/try-backends.ts'
import { createLibrary } from './library/library.ts'
import { findPreprocessing, setPreprocessing } from './preprocessing/set.ts'
import { createResults } from './results/results.ts'
import { createRoots } from './roots.ts'
import { packageVersion } from './software.ts'
import { inspectAny } from './timeline/inspect-timeline.ts'

export type LabOptions = {
  /** Where the lab keeps its things: made where it is missing. */
  home: string
  /** Folders that files may be opened from; null for any. */
  roots: string[] | null
  /** The best that works, by default. */
  backend?: BackendName
  host: JobHost
}

/** What windows may ask, and the end: trainings are saved, and go on when the lab is opened again. */
export type Lab = { calls: Handlers<LabCalls>; close(patienceMs?: number): Promise<void> }

/** The lab in a folder; jobs that were cut off when it was last open go on at once. */
export async function createLab({ home: given, roots: rootFolders, backend, host }: LabOptions): Promise<Lab> {
  await mkdir(given, { recursive: true }).catch(() => undefined)
  const home = await realpath(given).catch(() => given)
  useDatasetsOf(home)
  await rm(exportsFolder(home), { recursive: true, force: true }).catch(() => undefined)
  const roots = createRoots({ home, roots: rootFolders })
  const library = createLibrary({ home, roots })
  const results = createResults({ home, library })
  const jobs = await Jobs.open({
    home,
    host,
    roots,
    results,
    evaluations: library.evaluations,
    backend: backend ?? null
  })
  const calls: Handlers<LabCalls> = {
    lab: () => ({ home, runs: join(home, 'runs'), version: packageVersion, pid: process.pid }),
    doctor: () => doctor(tryBackendIn(host)),
    listDatasets: () => listDatasets(home),
    addDataset: async (request) => addDataset(home, { ...request, path: await roots.check(request.path) }),
    removeDataset: ({ name }) => removeDataset(home, name),
    inspect: async ({ path }) => inspectAny({ path: await roots.check(path) }, library.timelineSources),
    tensorStatistics: async ({ path }, { tell, signal }) => {
      const result = await tensorStatistics({ path: await roots.check(path) }, { signal, ...tellingRows(tell) })
      return { tensors: result.tensors.length }
    },
    diffCheckpoints: async ({ a, b }, { tell, signal }) => {
      const paths = { a: await roots.check(a), b: await roots.check(b) }
      const { summary } = await diffCheckpoints(paths, { signal, ...tellingRows(tell) })
      return { summary }
    },
    exportCheckpoint: async ({ path, out, format }) => {
      const place = await roots.check(path)
      if (out === null) return exportForBrowser(home, place, format ?? 'safetensors')
      return exportCheckpoint({ path: place, out: await roots.check(out), ...(format && { format }) })
    },

    nameArchitecture: async (request) => nameArchitecture({ ...request, path: await roots.check(request.path) }),
    findPreprocessing: async ({ path, data }) =>
      findPreprocessing({ path: await roots.check(path), data: await roots.checkDataset(data) }),
    setPreprocessing: async (request) => setPreprocessing({ ...request, path: await roots.check(request.path) }),

    startJob: ({ spec }) => jobs.start(spec),
    jobs: () => jobs.list(),
    watchJobs: async (_, { tell, signal }) => {
      await jobs.watch(tell, signal)
      return {}
    },
    followJob: ({ id }, { tell, signal }) => jobs.follow(id, tell, signal),
    pauseJob: ({ id }) => jobs.pause(id),
    resumeJob: ({ id }) => jobs.resume(id),
    cancelJob: ({ id }) => jobs.cancel(id),

    library: () => library.list(),
    openCheckpoint: ({ path }) => library.open(path),
    editItem: ({ id, edit }) => library.edit(id, edit),
    deleteItem: async ({ id }) => {
      const path = (await library.list()).find((item) => item.id === id)?.path
      const job = path === undefined ? undefined : jobs.list().find((job) => job.run === path && isActive(job))
      if (job) throw new UserError(`“${job.title}” has not ended; cancel it in the list of jobs, then delete the run.`)
      await library.remove(id)
      return {}
    },
    restoreItem: ({ id }) => library.restore(id),
    findResult: (request) => results.find(request),
    hasResults: (request) => results.has(request),
    readImages: async (request) => {
      const { dataset, split } = request
      return readImages({ ...request, dataset: await roots[split === 'given' ? 'check' : 'checkDataset'](dataset) })
    },
    previewNetwork: async ({ config }) => previewNetwork({ config: await checkConfigPaths(config, roots) }),
    previewAugmentation: async (request) =>
      previewAugmentation({ ...request, dataset: await roots.checkDataset(request.dataset) })
  }
  return { calls, close: (patienceMs) => jobs.close(patienceMs) }
}
