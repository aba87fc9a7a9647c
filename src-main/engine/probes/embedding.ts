import { throwIfCancelled, UsageError } from '../../../src-shared/errors.ts'
import type { ProbeReport, ProbeRequest } from '../../../src-shared/reports.ts'
import { classScatter } from '../../../src-shared/science/class-scatter.ts'
import { principalComponents } from '../../../src-shared/science/linear-algebra.ts'
import { rowOf, type Matrix } from '../../../src-shared/science/matrix.ts'
import { argmax } from '../../../src-shared/science/softmax.ts'
import type { Backend } from '../backend/backend.ts'
import { progressMeter } from '../progress.ts'
import { measureTrustworthiness } from './map-trust.ts'
import { dataOf, measureFeatures } from './measure-features.ts'
import { findNearestNeighbors } from './nearest-neighbors.ts'
import { startProvenance, type MeasuredOn, type Probe } from './probe.ts'
import { together } from './together.ts'
import { runUmap } from './umap/run-umap.ts'

type Request = ProbeRequest<'embedding'>
type Placed = { map: Matrix; explainedVariance?: number }
/** Share of the work that running the network is, the rest being the maps. */
const runShare = 0.1

/** A map of every exit's features: UMAP (McInnes et al. 2018) or the first principal components. */
export const probeEmbedding: Probe<'embedding'> = async (backend, request, options) => {
  const complete = startProvenance(backend, request.seed)
  const meter = progressMeter(options.onProgress, request.checkpoints.length)
  const checkpoints: ProbeReport<'embedding'>['checkpoints'] = []
  let measuredOn: MeasuredOn | null = null
  for (const [index, subject] of request.checkpoints.entries()) {
    const report = (fraction: number) => meter.report(index + fraction, `Mapping ${subject.name ?? subject.path}`)
    const measured = await measureFeatures(backend, subject, request, options, (done) => report(done * runShare))
    const { entry, selection, labels } = measured
    const fractions = measured.exits.map(() => 0)
    // At the same time: the backend finds one exit's neighbours while threads lay others out.
    const exits = await together(
      measured.exits.map((each, position) => (signal) => {
        const onFraction = (fraction: number) => {
          fractions[position] = fraction
          const mean = fractions.reduce((sum, one) => sum + one, 0) / fractions.length
          report(runShare + (1 - runShare) * mean)
        }
        return mapExit(backend, each, labels, request, { onFraction, signal })
      }),
      options.signal
    )
    checkpoints.push({ ...entry, indices: Array.from(selection.indices), labels: Array.from(labels), exits })
    measuredOn = dataOf(measured, measuredOn)
    const provenance = complete(measuredOn)
    const soFar = { kind: 'embedding' as const, request, provenance, checkpoints: [...checkpoints] }
    if (index < request.checkpoints.length - 1)
      meter.report(index + 1, `Mapping ${subject.name ?? subject.path}`, soFar)
  }
  return { kind: 'embedding', request, provenance: complete(measuredOn), checkpoints }
}

/** The shares of an exit's work: finding neighbours, laying them out, judging the map. */
const shares = { neighbors: 0.3, layout: 0.45 }

type Measured = { exit: number; features: Matrix; logits: Matrix }

/** One exit's map and what is known of it. */
async function mapExit(
  backend: Backend,
  { exit, features, logits }: Measured,
  labels: Int32Array,
  request: Request,
  { onFraction, signal }: { onFraction: (fraction: number) => void; signal: AbortSignal }
) {
  const { map, ...rest } = await place(backend, features, request, { onFraction, signal })
  const done = shares.neighbors + shares.layout
  const trust = await measureTrustworthiness(backend, features, map, {
    onFraction: (fraction) => onFraction(done + (1 - done) * fraction),
    signal
  })
  const { sse, ssb, ratio } = classScatter(features, labels)
  return {
    exit,
    points: Array.from({ length: map.rows }, (_, row) => Array.from(rowOf(map, row))),
    predictions: Array.from({ length: logits.rows }, (_, row) => Math.max(0, argmax(rowOf(logits, row)))),
    quality: { trustworthiness: trust, ...rest },
    discriminativeness: { sse, ssb, ratio, dimensions: features.columns }
  }
}

async function place(
  backend: Backend,
  features: Matrix,
  { method, neighbors, minDist, dims, seed }: Request,
  { onFraction, signal }: { onFraction: (fraction: number) => void; signal: AbortSignal }
): Promise<Placed> {
  throwIfCancelled(signal)
  const points = features.rows
  if (method === 'pca') {
    const { points: map, explainedVariance } = principalComponents(features, dims, seed)
    return { map, explainedVariance }
  }
  if (points <= neighbors) throw new UsageError(`UMAP with ${neighbors} neighbours needs more than ${points} images.`)
  // UMAP counts a point as its own first neighbour.
  const near = await findNearestNeighbors(backend, features, neighbors - 1, {
    onFraction: (fraction) => onFraction(shares.neighbors * fraction),
    signal
  })
  const data = await runUmap(
    { neighbors: near, points, dims, minDist, seed },
    { onFraction: (fraction) => onFraction(shares.neighbors + shares.layout * fraction), signal }
  )
  return { map: { data, rows: points, columns: dims } }
}
