import type { App } from '../../../src-renderer/app.ts'
import type { DatasetFacts, Inspection } from '../../../src-renderer/opening/describe-file.ts'
import { Opening } from '../../../src-renderer/opening/opening.svelte.ts'
import { defaultSettings } from '../../../src-renderer/session.svelte.ts'
import type { Job, JobSpec } from '../../../src-shared/jobs.ts'
import type { PreprocessingCheck, SettledPreprocessing } from '../../../src-shared/preprocessing.ts'

/** A data set as the engine lists it. */
export const makeDataset = (name: string, classes: number, channels: number): DatasetFacts => ({
  ...{ name, path: '/data', classes: Array.from({ length: classes }, (_, index) => `c${index}`) },
  ...{ trainCount: 60_000, testCount: 10_000, shape: [32, 32, channels], licence: '', format: '' },
  ...{ inputSize: 32, mean: null, deviation: null, isRegistered: false }
})

export const datasets = [
  makeDataset('fashion-mnist', 10, 1),
  makeDataset('cifar10', 10, 3),
  makeDataset('cifar100', 100, 3)
]

/** What the engine says of a ResNet50 with four exits, or of what is changed of it. */
export const makeInspection = (changed: Partial<Inspection> = {}): Inspection => ({
  ...{ format: 'pytorch-zip', family: 'ResNet', title: 'ResNet50', depth: 50, width: 64, heads: 'bottleneck' },
  ...{ classes: 100, inputChannels: 3, parameters: 37_300_000, multiplyAdds: 1_310_000_000 },
  exits: [1, 2, 3, 4].map((exit) => ({ exit, parameters: 1, multiplyAdds: 1, acceleration: 1, compression: 1 })),
  tensors: [{ name: 'conv1.weight', shape: [64, 3, 3, 3], dtype: 'F32' }],
  ...{ misfit: null, remarks: [], notes: [], preprocessing: null, classNames: [], inputSize: 32 },
  ...{ stem: null, stages: [], outputs: null },
  ...changed
})

const own = { size: 32, mean: [0.5071, 0.4865, 0.4409], deviation: [0.2673, 0.2564, 0.2762] }
export const settled: SettledPreprocessing = {
  ...{ preprocessing: own, source: 'guessed', label: 'cifar100 means', isSure: false },
  reason: 'Networks for small images mostly take the means of their data.'
}
export const imagenet = { size: 32, mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] }
export const check: PreprocessingCheck = {
  set: settled,
  alternatives: [
    { label: 'ImageNet means', preprocessing: imagenet, accuracy: 0.78, loss: 0.9, isSet: false },
    { label: 'cifar100 means', preprocessing: own, accuracy: 0.47, loss: 2, isSet: true }
  ],
  ...{ sentence: '47 % as set, 78 % with ImageNet means.', isBetter: true, warning: '', count: 500, classes: 100 }
}

/** A job that has just been put into the queue. */
const makeJob = (spec: JobSpec, state: Job['state'] = 'running'): Job => ({
  ...{
    id: 'j1',
    spec,
    title: 'Preprocessing of net',
    state,
    progress: { fraction: 0.5, secondsLeft: 3, message: 'Trying x' }
  },
  ...{ createdAt: '', startedAt: null, endedAt: null, error: null, run: null, attempts: 1 }
})

/** A window whose engine answers at once, and what it was asked; `answers` replace calls. */
export function makeApp(answers: Record<string, (request: never, options: never) => unknown> = {}) {
  const calls: { name: string; request: unknown }[] = []
  const said: { preprocessing: unknown }[] = []
  const usual: Record<string, (request: never, options: never) => unknown> = {
    inspect: () => makeInspection(),
    listDatasets: () => datasets,
    findPreprocessing: () => {
      const last = said.at(-1)?.preprocessing
      return last ? { ...settled, preprocessing: last, source: 'said', label: 'ImageNet means' } : settled
    },
    setPreprocessing: (request: { path: string; preprocessing: unknown }) => {
      said.push(request)
      return { path: `${request.path}.autodidact.json`, isInLab: false }
    },
    startJob: ({ spec }: { spec: JobSpec }) => makeJob(spec),
    followJob: (_: unknown, { onProgress }: { onProgress: (event: unknown) => void }) => {
      const spec = calls.findLast(({ name }) => name === 'startJob')!.request as { spec: JobSpec }
      const job = makeJob(spec.spec, 'done')
      onProgress({ job, check })
      return job
    },
    cancelJob: () => ({}),
    findResult: ({ kind }: { kind: string }) => ({
      ...{ report: null, missing: [], isStale: false },
      estimatedSeconds: kind === 'flatness' ? 240 : 40
    })
  }
  const engine = new Proxy(
    {},
    {
      get: (_, name: string) => async (request: unknown, options: unknown) => {
        calls.push({ name, request })
        return (answers[name] ?? usual[name])!(request as never, options as never)
      }
    }
  )
  const session = {
    ...{ dataset: 'fashion-mnist', split: 'test', view: 'library', settings: defaultSettings },
    added: [] as unknown[],
    shown: [] as string[],
    setData(dataset: string) {
      this.dataset = dataset
    },
    addItems(items: unknown[]) {
      this.added.push(...items)
    },
    show(view: string) {
      this.shown.push(view)
    }
  }
  const told: string[] = []
  const app = {
    ...{
      engine,
      session,
      shell: {},
      opening: new Opening(),
      results: { renewed: 0, renew: () => void told.push('renewed') }
    },
    lab: { datasets, items: [], jobs: [], refresh: () => Promise.resolve() },
    toasts: { say: (text: string) => told.push(text), complain: (error: Error) => told.push(error.message) }
  }
  return {
    app: app as unknown as App,
    session,
    calls,
    told,
    named: (name: string) => calls.filter((call) => call.name === name)
  }
}
