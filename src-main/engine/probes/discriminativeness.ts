import { throwIfCancelled } from '../../../src-shared/errors.ts'
import type { ProbeReport, ProbeRequest } from '../../../src-shared/reports.ts'
import {
  bootstrapRatio,
  classScatter,
  knnAccuracy,
  silhouette,
  transformFeatures
} from '../../../src-shared/science/class-scatter.ts'
import type { Matrix } from '../../../src-shared/science/matrix.ts'
import { breathe } from '../evaluation/run-network.ts'
import { progressMeter } from '../progress.ts'
import { dataOf, measureFeatures } from './measure-features.ts'
import { startProvenance, type MeasuredOn, type Probe } from './probe.ts'

/** Fewer images a class make the exits' order unsure (SCIENCE section 1). */
const fewestPerClass = 20
/** Share of the work that running the network is, the rest being the statistics. */
const runShare = 0.3

/** SSE, SSB and their ratio per exit and class, in the full feature space. */
export const probeDiscriminativeness: Probe<'discriminativeness'> = async (backend, request, options) => {
  const complete = startProvenance(backend, request.seed)
  const meter = progressMeter(options.onProgress, request.checkpoints.length)
  const checkpoints: ProbeReport<'discriminativeness'>['checkpoints'] = []
  let measuredOn: MeasuredOn | null = null
  for (const [index, subject] of request.checkpoints.entries()) {
    const report = (fraction: number) => meter.report(index + fraction, `Measuring ${subject.name ?? subject.path}`)
    const measured = await measureFeatures(backend, subject, request, options, (done) => report(done * runShare))
    const exits = []
    for (const [position, { exit, features }] of measured.exits.entries()) {
      throwIfCancelled(options.signal)
      exits.push(describeExit(exit, features, measured.labels, request))
      report(runShare + ((1 - runShare) * (position + 1)) / measured.exits.length)
      await breathe()
    }
    const perClass = exits[0]?.perClass ?? []
    const few = perClass.filter(({ count }) => count < fewestPerClass).length
    const warnings = few
      ? [`${few} of ${perClass.length} classes have fewer than ${fewestPerClass} images; the exits' order is unsure.`]
      : []
    const { count } = measured.selection
    checkpoints.push({ ...measured.entry, count, classes: perClass.length, warnings, exits })
    measuredOn = dataOf(measured, measuredOn)
  }
  return { kind: 'discriminativeness', request, provenance: complete(measuredOn), checkpoints }
}

function describeExit(
  exit: number,
  raw: Matrix,
  labels: Int32Array,
  { features: transform, resamples, seed }: ProbeRequest<'discriminativeness'>
) {
  const { features, deadDimensions } = transformFeatures(raw, transform)
  const { sse, ssb, ratio, unbiasedSsb, perClass } = classScatter(features, labels)
  return {
    exit,
    dimensions: features.columns,
    deadDimensions,
    sse,
    ssb,
    ratio,
    ratioInterval: bootstrapRatio(features, labels, resamples, seed),
    unbiasedSsb,
    silhouette: silhouette(features, labels),
    knnAccuracy: knnAccuracy(features, labels),
    perClass
  }
}
