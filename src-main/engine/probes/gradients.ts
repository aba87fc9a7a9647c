import type { CallOptions } from '../../../src-shared/contract.ts'
import { throwIfCancelled, UsageError } from '../../../src-shared/errors.ts'
import type { ProbeReport, ProbeRequest } from '../../../src-shared/reports.ts'
import type { Distillation } from '../../../src-shared/run-config.ts'
import { defaultLambda } from '../../../src-shared/science/distillation-loss.ts'
import { meanAbs, norm, relativeTo, signedShares } from '../../../src-shared/science/gradient-magnitude.ts'
import { mean } from '../../../src-shared/science/statistics.ts'
import type { Backend } from '../backend/backend.ts'
import { openCheckpoint } from '../checkpoint/checkpoint.ts'
import type { LoadedSelection } from '../data/load-selection.ts'
import { labelsOf, selectionFor, withSubject, type OpenedSubject } from '../evaluation/subject.ts'
import { isTrainable, tensorSpecs, type TensorSpec } from '../model/tensor-specs.ts'
import { progressMeter } from '../progress.ts'
import type { Objective } from '../training/losses.ts'
import { startProvenance, type Probe } from './probe.ts'
import { gradientsOfTerms, termsOf, type BatchGradients } from './term-gradients.ts'

type Request = ProbeRequest<'gradients'>
type Entry = ProbeReport<'gradients'>['checkpoints'][number]
/** A mean |gradient| below this share of the largest is float32's rounding. */
const roundingShare = 1e-5
/** SCIENCE section 1: alpha and temperature of the preset `autodidact-default`. */
const presetDistillation = { alpha: 0.3, temperature: 3 }

/** Mean |gradient| of every trainable tensor, of the total loss and of each of its terms. */
export const probeGradients: Probe<'gradients'> = async (backend, request, options) => {
  const complete = startProvenance(backend, request.seed)
  const meter = progressMeter(options.onProgress, request.checkpoints.length)
  const method = await sharedMethod(request)
  const checkpoints: Entry[] = []
  let measuredOn: LoadedSelection | null = null
  for (const [index, subject] of request.checkpoints.entries())
    await withSubject(backend, subject, async (opened) => {
      const selection = await selectionFor(opened.checkpoint, request.data, request.seed)
      const objective = { method, distillation: distillationFor(opened, request) }
      const onFraction = (fraction: number) => meter.report(index + fraction, `Differentiating ${opened.entry.name}`)
      const batches = await measureBatches(backend, opened, selection, objective, request, options, onFraction)
      // With one exit every method is the baseline: the deepest exit's cross entropy.
      const effective = opened.checkpoint.network.exits.length > 1 ? method : 'baseline'
      checkpoints.push({ ...opened.entry, method: effective, ...describe(opened, objective, batches) })
      measuredOn = selection
    })
  return { kind: 'gradients', request, provenance: complete(measuredOn), checkpoints }
}

/** Compared checkpoints use one loss: the asked one, else the method they all share, else self-distillation. */
async function sharedMethod(request: Request): Promise<Objective['method']> {
  if (request.method) return request.method
  const methods = new Set<Objective['method'] | undefined>()
  for (const { path } of request.checkpoints) methods.add((await openCheckpoint(path)).origin?.method)
  return (methods.size === 1 && [...methods][0]) || 'self-distillation'
}

function distillationFor({ checkpoint }: OpenedSubject, request: Request): Distillation {
  const features = checkpoint.network.exits.at(-1)!.classifier.inFeatures
  const own = checkpoint.origin?.method === 'self-distillation' ? checkpoint.origin.distillation : null
  const base = own ?? { ...presetDistillation, lambda: defaultLambda(features) }
  return {
    alpha: request.alpha ?? base.alpha,
    lambda: request.lambda ?? base.lambda,
    temperature: request.temperature ?? base.temperature
  }
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
  for (const [index, from] of batches.entries()) {
    throwIfCancelled(signal)
    const to = Math.min(count, from + size)
    const batch = { images: selection.batch(from, to), shape, labels: labels.subarray(from, to) }
    const onPart = (fraction: number) => onFraction((index + fraction) / batches.length)
    results.push(await gradientsOfTerms(backend, opened, batch, objective, onPart, signal))
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
  // BatchNorm cancels the biases before it: their gradient is zero but for rounding, and has no shares.
  const least = roundingShare * Math.max(...magnitudes)
  const shares = batches.map((batch) =>
    specs.map(({ name }, index) =>
      magnitudes[index]! < least
        ? batch.terms.map(() => NaN)
        : signedShares(
            batch.terms.map((term) => term.get(name)!),
            batch.total.get(name)!
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
