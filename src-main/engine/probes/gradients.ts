import type { CallOptions } from '../../../src-shared/contract.ts'
import { throwIfCancelled, UsageError } from '../../../src-shared/errors.ts'
import type { ProbeReport, ProbeRequest } from '../../../src-shared/reports.ts'
import { trainsEveryExit, type Distillation, type MethodName } from '../../../src-shared/run-config.ts'
import { defaultDistillation, termWeights } from '../../../src-shared/science/distillation-loss.ts'
import { meanAbs, norm, relativeTo, signedShares } from '../../../src-shared/science/gradient-magnitude.ts'
import { mean } from '../../../src-shared/science/statistics.ts'
import type { Backend } from '../backend/backend.ts'
import { openCheckpoint } from '../checkpoint/checkpoint.ts'
import type { LoadedSelection } from '../data/load-selection.ts'
import { labelsOf, selectionFor, withSubject, type OpenedSubject } from '../evaluation/subject.ts'
import { isTrainable, tensorSpecs, type TensorSpec } from '../model/tensor-specs.ts'
import { progressMeter } from '../progress.ts'
import type { Network } from '../model/layer.ts'
import type { Objective } from '../training/losses.ts'
import { hasAdapters } from '../training/trained-tensors.ts'
import { startProvenance, type Probe } from './probe.ts'
import { createDifferentiator, termsOf, type BatchGradients } from './term-gradients.ts'

type Request = ProbeRequest<'gradients'>
type Entry = ProbeReport<'gradients'>['checkpoints'][number]

/** Mean |gradient| of every trainable tensor, of the total loss and of each of its terms. */
export const probeGradients: Probe<'gradients'> = async (backend, request, options) => {
  const complete = startProvenance(backend, request.seed)
  const meter = progressMeter(options.onProgress, request.checkpoints.length)
  const loss = await sharedLoss(request)
  const checkpoints: Entry[] = []
  let measuredOn: LoadedSelection | null = null
  for (const [index, subject] of request.checkpoints.entries())
    await withSubject(backend, subject, async (opened) => {
      const selection = await selectionFor(opened.checkpoint, request.data, request.seed)
      const objective = objectiveFor(opened, request, loss)
      const onFraction = (fraction: number) => meter.report(index + fraction, `Differentiating ${opened.entry.name}`)
      const batches = await measureBatches(backend, opened, selection, objective, request, options, onFraction)
      // With one exit every method is the baseline: the deepest exit's cross entropy.
      const method = opened.checkpoint.network.exits.length > 1 ? objective.method : 'baseline'
      checkpoints.push({ ...opened.entry, method, ...describe(opened, objective, batches) })
      measuredOn = selection
    })
  return { kind: 'gradients', request, provenance: complete(measuredOn), checkpoints }
}

type Loss = { method: Objective['method']; distillation: Distillation | null }

/** Compared checkpoints use one loss: the one they were all trained with, else the preset; null is its distillation. */
async function sharedLoss(request: Request): Promise<Loss> {
  const preset: Loss = { method: 'self-distillation', distillation: null }
  if (request.preset) return preset
  const losses = new Set<string>()
  for (const { path } of request.checkpoints) {
    const { origin } = await openCheckpoint(path)
    const distillation = origin?.method === 'self-distillation' ? origin.distillation : null
    losses.add(JSON.stringify(origin ? { method: labelMethod(origin.method), distillation } : preset))
  }
  const [only = ''] = losses
  return losses.size === 1 ? (JSON.parse(only) as Loss) : preset
}

/** What is measured of networks that another taught: their own labels, for the teacher is not at hand. */
const labelMethod = (method: MethodName): MethodName => (trainsEveryExit(method) ? method : 'baseline')

function objectiveFor({ checkpoint }: OpenedSubject, request: Request, { method, distillation }: Loss): Objective {
  const { network } = checkpoint
  const base: Distillation = distillation ?? defaultDistillation(network.exits.at(-1)!.classifier.inFeatures)
  const { labelWeights, distillWeights, hintWeights, ...plain } = base
  const asked = {
    ...plain,
    alpha: request.alpha ?? base.alpha,
    lambda: request.lambda ?? base.lambda,
    temperature: request.temperature ?? base.temperature,
    // What is asked for goes before the weights per exit that a run was trained with.
    ...(request.alpha === null || request.alpha === undefined ? { labelWeights, distillWeights } : {}),
    ...(request.lambda === null || request.lambda === undefined ? { hintWeights } : {})
  }
  return withMeasurableHint(network, { method: request.method ?? method, distillation: asked })
}

/**
 * Leaves out the hints that a checkpoint can't tell: those taken through layers that training alone has, and those
 * between features of several lengths.
 */
function withMeasurableHint(network: Network, objective: Objective): Objective {
  const { exits } = network
  if (objective.method !== 'self-distillation' || exits.length < 2) return objective
  const length = exits.at(-1)!.classifier.inFeatures
  const { hint } = termWeights(objective.distillation, exits.length)
  const isMeasurable = (exit: (typeof exits)[number]) =>
    !hasAdapters(objective) && exit.classifier.inFeatures === length
  if (exits.every((exit, index) => hint[index] === 0 || isMeasurable(exit))) return objective
  const hintWeights = exits.map((exit, index) => (isMeasurable(exit) ? hint[index]! : 0))
  return { ...objective, distillation: { ...objective.distillation, hintWeights } }
}

async function measureBatches(
  backend: Backend,
  opened: OpenedSubject,
  selection: LoadedSelection,
  objective: Objective,
  { batchSize }: Request,
  { signal }: CallOptions,
  onFraction: (fraction: number) => void
): Promise<BatchGradients[]> {
  const labels = labelsOf(selection)
  const { count, shape } = selection
  if (count < 2) throw new UsageError('Gradients need two images at least: BatchNorm normalises with the batch itself.')
  const size = batchSize ?? count
  const starts = Array.from({ length: Math.ceil(count / size) }, (_, index) => index * size)
  // A last batch of one image has no variance.
  const batches = starts.filter((from) => Math.min(count, from + size) - from >= 2)
  const results: BatchGradients[] = []
  const differentiator = createDifferentiator(backend, opened, objective)
  try {
    for (const [index, from] of batches.entries()) {
      throwIfCancelled(signal)
      const to = Math.min(count, from + size)
      const batch = { images: selection.batch(from, to), shape, labels: labels.slice(from, to) }
      const onPart = (fraction: number) => onFraction((index + fraction) / batches.length)
      results.push(await differentiator.batch(batch, onPart, signal))
    }
  } finally {
    differentiator.dispose()
  }
  return results
}

function describe(
  { checkpoint }: OpenedSubject,
  objective: Objective,
  batches: BatchGradients[]
): Pick<Entry, 'layers' | 'terms' | 'losses'> {
  const { network, weights } = checkpoint
  const specs = tensorSpecs(network).filter(isTrainable)
  const average = (pick: (batch: BatchGradients) => number) => mean(batches.map(pick))
  const magnitudes = specs.map(({ name }) => average(({ total }) => meanAbs(total.get(name)!)))
  const last = specs.findLastIndex(({ role, part }) => role === 'convolution' && part === 'backbone')
  const relative = relativeTo(magnitudes, magnitudes[last]!)
  const layers = specs.map((spec, index) => ({
    name: spec.name,
    stage: spec.stage,
    role: spec.role as Exclude<TensorSpec['role'], 'statistic' | 'counter'>,
    part: spec.part,
    meanAbs: magnitudes[index]!,
    relative: relative[index]!,
    timesNorm: average(({ total }) => norm(total.get(spec.name)!)) * norm(weights.get(spec.name)!.data)
  }))
  // BatchNorm cancels the biases of the convolutions before it: their gradient is rounding and has no shares.
  const convolutions = new Set(specs.filter(({ role }) => role === 'convolution').map(({ name }) => name))
  const isCancelled = ({ name, role }: TensorSpec) =>
    role === 'bias' && convolutions.has(name.replace(/bias$/, 'weight'))
  const shares = batches.map((batch) =>
    specs.map((spec) =>
      isCancelled(spec)
        ? batch.terms.map(() => NaN)
        : signedShares(
            batch.terms.map((term) => term.get(spec.name)!),
            batch.total.get(spec.name)!
          )
    )
  )
  const terms = termsOf(network, objective).map(({ term, exit }, position) => ({
    term,
    exit,
    layers: specs.map(({ name }, index) => ({
      name,
      meanAbs: average(({ terms: all }) => meanAbs(all[position]!.get(name)!)),
      share: mean(shares.map((batch) => batch[index]![position]!))
    }))
  }))
  const averages = (key: 'crossEntropy' | 'kl' | 'hint') =>
    batches[0]!.losses[key].map((_, index) => average(({ losses }) => losses[key][index]!))
  return {
    layers,
    terms,
    losses: {
      total: average(({ losses }) => losses.total),
      crossEntropy: averages('crossEntropy'),
      kl: averages('kl'),
      hint: averages('hint')
    }
  }
}
