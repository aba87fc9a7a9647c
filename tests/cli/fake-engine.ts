import type { EngineCalls, EngineContract, EngineRequest, EngineResult } from '../../src-shared/contract.ts'
import type { AnyReport } from '../../src-shared/reports.ts'

type Call = { name: string; request: unknown }
export type FakeEngine = EngineContract & { calls: Call[] }

export const provenance = {
  seed: 0,
  data: null,
  software: { autodidact: '0.1.0' },
  backend: 'fake',
  device: 'none',
  createdAt: '2025-01-01T00:00:00.000Z',
  seconds: 1
}

/** A small report of trained runs, as `probe history` gives. */
export const historyReport: AnyReport = {
  kind: 'history',
  request: { checkpoints: [{ path: 'runs/a' }] },
  provenance,
  checkpoints: [
    {
      path: 'runs/a',
      name: 'a',
      group: 'a',
      role: 'self-distillation',
      seed: 0,
      hash: '00',
      network: 'ResNet18, width 8, 10 classes, 4 exits',
      method: 'self-distillation',
      exits: [1, 2, 3, 4],
      weights: { alpha: 0.3, lambda: 0.03, temperature: 3 },
      steps: [],
      epochs: []
    }
  ]
}

const exits = [
  { exit: 1, accuracy: 0.5, loss: NaN },
  { exit: 2, accuracy: 0.75, loss: 0.5 }
]
const ensemble = { accuracy: 0.8, loss: 0.4 }

const [asSet, better] = [
  { size: 32, mean: [0.25], deviation: [0.5] },
  { size: 32, mean: [0], deviation: [1] }
]
/** A check that finds something better than what was guessed. */
export const preprocessingCheck: EngineResult<'checkPreprocessing'> = {
  set: { preprocessing: asSet, source: 'guessed', label: 'd means', reason: 'It is usual.', isSure: false },
  alternatives: [
    { label: 'plain 0 to 1', preprocessing: better, accuracy: 0.78, loss: 0.5, isSet: false },
    { label: 'd means', preprocessing: asSet, accuracy: 0.47, loss: null, isSet: true }
  ],
  sentence: '47 % as set, 78 % with plain 0 to 1.',
  isBetter: true,
  warning: '',
  count: 500,
  classes: 10
}

const header = { shape: [8, 3, 3, 3], dtype: 'F32' }
const tensor = { name: 'conv1.weight', ...header, role: 'convolution', stage: 0, part: 'backbone' } as const
const statistics = {
  ...{ count: 216, mean: 0.01, deviation: 0.5, min: -1, max: 2, norm: 7.5 },
  ...{ zeroFraction: 0.25, nearZeroFraction: 0.5, nonFinite: 1 },
  histogram: { low: -1, high: 2, counts: Uint32Array.of(1, 214) }
}
const difference = { maxAbs: 0.25, meanAbs: 0.125, relative: 0.5, cosine: 0.75, unequalFraction: 1 }
const noDifference = { maxAbs: NaN, meanAbs: NaN, relative: NaN, cosine: NaN, unequalFraction: NaN }

/** An engine that answers at once with small results and keeps every request; `overrides` replace calls. */
export function createFakeEngine(overrides: Partial<EngineContract> = {}): FakeEngine {
  const calls: Call[] = []
  const answer =
    <K extends keyof EngineCalls, R>(name: K, result: R) =>
    (request: EngineRequest<K>) => {
      calls.push({ name, request })
      return Promise.resolve(result)
    }
  return {
    calls,
    doctor: answer('doctor', {
      backends: [
        { name: 'native', available: false, device: '', version: '', reason: 'Not built; run npm run setup.' },
        { name: 'cpu', available: true, device: 'JavaScript', version: '4.22.0', reason: 'Slow.' }
      ],
      chosen: 'cpu'
    }),
    listDatasets: answer('listDatasets', [
      {
        name: 'fashion-mnist',
        path: '/d',
        classes: ['a', 'b'],
        trainCount: 60000,
        testCount: 10000,
        shape: [28, 28, 1],
        licence: 'MIT',
        format: 'IDX',
        inputSize: 32,
        mean: null,
        deviation: null,
        isRegistered: false
      }
    ]),
    addDataset: answer('addDataset', {
      name: 'cats',
      path: '/pictures',
      classes: ['cat', 'dog'],
      trainCount: 80,
      testCount: 20,
      shape: [64, 64, 3],
      licence: 'unknown',
      format: 'image folder, 1/5 of each class is the test split (seed 0)',
      inputSize: 64,
      mean: [0.5, 0.25, 0.125],
      deviation: [0.1, 0.2, 0.3],
      isRegistered: true
    }),
    removeDataset: answer('removeDataset', { name: 'cats', path: '/pictures', isDeleted: false }),
    train: async (request, options) => {
      calls.push({ name: 'train', request })
      options?.onProgress?.({ fraction: 0.25, secondsLeft: 95, message: 'Epoch 1 of 4' })
      return { run: request.out, epochsDone: 4, exits, ensemble }
    },
    checkPreprocessing: answer('checkPreprocessing', preprocessingCheck),
    findPreprocessing: answer('findPreprocessing', preprocessingCheck.set),
    setPreprocessing: answer('setPreprocessing', { path: 'net.pth.autodidact.json', isInLab: false }),
    nameArchitecture: answer('nameArchitecture', {
      title: 'ResNet18',
      description: 'ResNet18, width 8, 10 classes, 1 exit',
      misfit: 'has no tensor "head.bias" that ResNet18 needs.',
      keys: { fc: 'head' },
      keysFrom: 'guess',
      layers: [
        { layer: 'conv1', file: 'conv1', state: 'found', shape: [8, 3, 3, 3], found: [8, 3, 3, 3] },
        { layer: 'fc', file: 'head', state: 'missing', shape: [10], found: null }
      ],
      unexpected: ['other.weight'],
      savedIn: null
    }),
    inspect: answer('inspect', {
      format: 'safetensors',
      family: 'ResNet',
      depth: 18,
      width: 8,
      heads: 'bottleneck',
      classes: 10,
      inputChannels: 3,
      parameters: 1234567,
      multiplyAdds: 7654321,
      exits: [{ exit: 1, parameters: 1000, multiplyAdds: 2000, acceleration: 3.5, compression: Infinity }],
      tensors: [{ name: 'conv1.weight', shape: [8, 3, 3, 3], dtype: 'F32' }],
      misfit: null,
      remarks: [],
      notes: [],
      preprocessing: null,
      classNames: [],
      inputSize: 32,
      stem: null,
      stages: [],
      outputs: null
    }),
    tensorStatistics: answer('tensorStatistics', { path: 'a', tensors: [{ ...tensor, ...statistics }] }),
    diffCheckpoints: answer('diffCheckpoints', {
      a: 'a',
      b: 'b',
      summary: '0 of 1 tensor equal; the largest relative change 0.5 in conv1.weight.',
      tensors: [
        { name: 'conv1.weight', a: header, b: header, state: 'differs', ...difference },
        { name: 'fc.weight', a: header, b: null, state: 'onlyInA', ...noDifference }
      ]
    }),
    predict: answer('predict', {
      exits: [{ exit: 1, logits: [[0, Math.log(3)]], features: [[1, 2, NaN]] }],
      ensemble: { logits: [[Infinity, 1]] }
    }),
    evaluate: answer('evaluate', { exits, ensemble }),
    exportCheckpoint: answer('exportCheckpoint', { out: 'net.safetensors', bytes: 12345 }),
    runProbe: (kind, request) => {
      calls.push({ name: `probe ${kind}`, request })
      return Promise.resolve(historyReport as never)
    },
    ...overrides
  }
}
