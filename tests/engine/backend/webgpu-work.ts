import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { tryBackend } from '../../../src-main/engine/backend/choose.ts'
import { evaluate, predict } from '../../../src-main/engine/calls/predict.ts'
import { openNetwork } from '../../../src-main/engine/checkpoint/checkpoint.ts'
import { loadSelection } from '../../../src-main/engine/data/load-selection.ts'
import { labelsOf } from '../../../src-main/engine/evaluation/subject.ts'
import type { Weights } from '../../../src-main/engine/model/weights.ts'
import { findNearestNeighbors } from '../../../src-main/engine/probes/nearest-neighbors.ts'
import { runProbe } from '../../../src-main/engine/probes/run-probe.ts'
import { readHistory } from '../../../src-main/engine/runs/history.ts'
import { Stepper } from '../../../src-main/engine/training/stepper.ts'
import { fromTrainingState, toTrainingState } from '../../../src-main/engine/training/training-state.ts'
import { train } from '../../../src-main/engine/training/train.ts'
import type { BackendName } from '../../../src-shared/contract.ts'
import type { ProbeKind, ProbeRequest } from '../../../src-shared/reports.ts'
import type { RunConfig } from '../../../src-shared/run-config.ts'
import { tensorSpecs } from '../../../src-main/engine/model/tensor-specs.ts'
import { clusters } from '../../science/fixtures.ts'
import { writeSmallCase, type SmallCase } from './webgpu-case.ts'
import { computeLayers } from './webgpu-layers-work.ts'
import { computeOps } from './webgpu-ops-work.ts'

const distillation = { alpha: 0.3, lambda: 0.03, temperature: 3 }

/** Takes one step of SGD from the case's weights; gives what it told and every tensor after it. */
async function takeStep(backend: Backend, { weights: path, data }: SmallCase): Promise<unknown> {
  const { network, weights } = await openNetwork(path)
  const selection = await loadSelection(data, 0)
  const { count, shape } = selection
  const state = toTrainingState(backend, tensorSpecs(network), { weights, velocity: zerosLike(weights) })
  const objective = { method: 'self-distillation', distillation } as const
  const stepper = new Stepper(backend, network, objective, { momentum: 0.9, weightDecay: 5e-4, nesterov: false }, state)
  const batch = { images: selection.batch(0, count), labels: labelsOf(selection), count, shape }
  await stepper.take(batch, 0.1, async () => undefined)
  const metrics = await stepper.readMetrics()
  const after = await fromTrainingState(tensorSpecs(network), stepper.state)
  stepper.dispose()
  return { metrics, weights: asLists(after.weights), velocity: asLists(after.velocity) }
}

const zerosLike = (weights: Weights): Weights =>
  new Map([...weights].map(([name, { shape, data }]) => [name, { shape, data: new Float32Array(data.length) }]))
/** Biases before a BatchNorm have a gradient of zero: what is computed is rounding. */
const isRounding = (name: string) => /^bottleneck.*\.(0|3|6)\.bias$/.test(name)
const asLists = (weights: Weights) =>
  Object.fromEntries(
    [...weights].filter(([name]) => !isRounding(name)).map(([name, { data }]) => [name, Array.from(data)])
  )

/**
 * A run of three steps with all that may be asked of one; gives the losses that it recorded. Not the magnitudes of the
 * gradients: float32 in another order flips a ReLU here and there, which moves the stem's by parts of a hundred, on native
 * as well if the images are moved by 1e-7.
 */
async function trainShortly(backend: Backend, { dataset }: SmallCase): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'autodidact-short-'))
  const config: RunConfig = {
    network: { name: 'resnet18', width: 4 },
    method: 'self-distillation',
    distillation,
    data: { name: dataset, limit: 16, labelNoise: 0.2, validation: 0.25 },
    epochs: 1,
    batchSize: 4,
    learningRate: 5e-4,
    momentum: 0.9,
    nesterov: true,
    weightDecay: 5e-4,
    schedule: { kind: 'cosine' },
    augmentation: { cropPadding: 4, flip: true },
    seed: 1
  }
  try {
    const out = join(folder, 'run')
    await train(backend, { out, config })
    const { steps, epochs } = await readHistory(out)
    return {
      losses: steps.map(({ total, crossEntropy, kl, hint }) => [total, ...crossEntropy, ...kl, ...hint]),
      learningRates: steps.map(({ learningRate }) => learningRate),
      epochs: epochs.map(({ test, validation }) => ({ test: test.loss, validation: validation?.loss }))
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A probe's entry of the case's checkpoint. */
async function probe<K extends ProbeKind>(
  backend: Backend,
  kind: K,
  { weights, data }: SmallCase,
  settings: Omit<ProbeRequest<K>, 'checkpoints' | 'data' | 'seed'>
): Promise<unknown> {
  const request = { checkpoints: [{ path: weights, name: 'small' }], data, seed: 3, ...settings }
  const report = await runProbe(backend, kind, request as unknown as ProbeRequest<K>)
  return report.checkpoints.map(({ path: _, ...entry }) => entry)
}

async function findNeighbors(backend: Backend): Promise<unknown> {
  const { features } = clusters(120, 24, 3, 2, 1)
  const { indices, distances } = await findNearestNeighbors(backend, features, 14)
  return { indices: Array.from(indices), distances: Array.from(distances) }
}

/** The first images of the PyTorch reference. */
async function predictGolden(backend: Backend, small: SmallCase): Promise<unknown> {
  const { exits } = await predict(backend, { path: small.golden.weights, data: small.golden.data, seed: 0 })
  return { logits: exits.map(({ logits }) => logits), features: exits.map(({ features }) => features) }
}

type Work = (backend: Backend, small: SmallCase) => Promise<unknown>

/** All that a backend does for the lab, each on a case of seconds. */
const parts = {
  ops: computeOps,
  layers: computeLayers,
  golden: predictGolden,
  predict: (backend, { weights, data }) => predict(backend, { path: weights, data, seed: 0 }),
  evaluate: (backend, { weights, data }) => evaluate(backend, { path: weights, data, seed: 0 }),
  step: takeStep,
  discriminativeness: (backend, small) =>
    probe(backend, 'discriminativeness', small, { features: 'raw', resamples: 20 }),
  embedding: (backend, small) =>
    probe(backend, 'embedding', small, { method: 'pca', dims: 2, neighbors: 3, minDist: 0.1 }),
  flatness: (backend, small) =>
    probe(backend, 'flatness', small, { sigmas: [0.1], draws: 1, protocols: ['a', 'b', 'c'], split: 'given' }),
  neighbors: findNeighbors,
  gradients: (backend, small) => probe(backend, 'gradients', small, { method: 'deep-supervision', batchSize: null }),
  training: trainShortly
} satisfies Record<string, Work>

export type PartName = keyof typeof parts
export const partNames = Object.keys(parts) as PartName[]
/** What a part gave, how many tensors it left behind, and how long it took. */
export type PartResult = { value: unknown; tensorsLeft: number; seconds: number; error?: string }

/** Runs a part, counting tensors. */
async function runPart(backend: Backend, small: SmallCase, name: PartName): Promise<PartResult> {
  const before = backend.tensorCount()
  const start = performance.now()
  const value = await (parts[name] as Work)(backend, small)
  return { value, tensorsLeft: backend.tensorCount() - before, seconds: (performance.now() - start) / 1000 }
}

/** The backend's words, or why it does not open, and the results of the parts. */
export type Outcome = {
  backend: { name: string; device: string; version: string; reason: string } | null
  refusal: string
  parts: Partial<Record<PartName, PartResult>>
}

/** Opens a backend by its name and runs parts on it, one after the other. */
export async function work(name: BackendName, names: PartName[]): Promise<Outcome> {
  const outcome = await tryBackend(name, true)
  if ('refusal' in outcome) return { backend: null, refusal: outcome.refusal, parts: {} }
  const { device, version, reason } = outcome
  const folder = mkdtempSync(join(tmpdir(), 'autodidact-small-'))
  try {
    const small = writeSmallCase(folder)
    const results: Outcome['parts'] = {}
    for (const part of names) results[part] = await runPart(outcome, small, part)
    return { backend: { name, device, version, reason }, refusal: '', parts: results }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
