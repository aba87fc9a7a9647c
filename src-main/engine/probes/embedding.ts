import { UMAP } from 'umap-js'
import { throwIfCancelled, UsageError } from '../../../src-shared/errors.ts'
import type { ProbeReport, ProbeRequest } from '../../../src-shared/reports.ts'
import { classScatter } from '../../../src-shared/science/class-scatter.ts'
import { principalComponents } from '../../../src-shared/science/linear-algebra.ts'
import { matrixFromRows, rowOf, type Matrix } from '../../../src-shared/science/matrix.ts'
import { nearestNeighbors } from '../../../src-shared/science/neighbors.ts'
import { createRandom } from '../../../src-shared/science/random.ts'
import { argmax } from '../../../src-shared/science/softmax.ts'
import { trustworthiness } from '../../../src-shared/science/trustworthiness.ts'
import { breathe } from '../evaluation/run-network.ts'
import { progressMeter } from '../progress.ts'
import { measureFeatures } from './measure-features.ts'
import { startProvenance, type Probe } from './probe.ts'

type Request = ProbeRequest<'embedding'>
type Placed = { points: number[][]; explainedVariance?: number }
/** Share of the work that running the network is, the rest being the maps. */
const runShare = 0.1

/** A map of every exit's features: UMAP (McInnes et al. 2018) or the first principal components. */
export const probeEmbedding: Probe<'embedding'> = async (backend, request, options) => {
  const complete = startProvenance(backend, request.seed)
  const meter = progressMeter(options.onProgress, request.checkpoints.length)
  const checkpoints: ProbeReport<'embedding'>['checkpoints'] = []
  let provenance = null
  for (const [index, subject] of request.checkpoints.entries()) {
    const report = (fraction: number) => meter.report(index + fraction, `Mapping ${subject.name ?? subject.path}`)
    const measured = await measureFeatures(backend, subject, request, options, (done) => report(done * runShare))
    const { entry, selection, labels } = measured
    const exits = []
    for (const [position, { exit, features, logits }] of measured.exits.entries()) {
      const onFraction = (fraction: number) =>
        report(runShare + ((1 - runShare) * (position + fraction)) / measured.exits.length)
      const { points, ...rest } = await place(features, request, onFraction, options.signal)
      const { sse, ssb, ratio } = classScatter(features, labels)
      exits.push({
        exit,
        points,
        predictions: Array.from({ length: logits.rows }, (_, row) => Math.max(0, argmax(rowOf(logits, row)))),
        quality: { trustworthiness: trustworthiness(features, matrixFromRows(points)), ...rest },
        discriminativeness: { sse, ssb, ratio, dimensions: features.columns }
      })
      await breathe()
    }
    checkpoints.push({ ...entry, indices: Array.from(selection.indices), labels: Array.from(labels), exits })
    provenance = complete(selection)
    const soFar = { kind: 'embedding' as const, request, provenance, checkpoints: [...checkpoints] }
    if (index < request.checkpoints.length - 1)
      meter.report(index + 1, `Mapping ${subject.name ?? subject.path}`, soFar)
  }
  return { kind: 'embedding', request, provenance: provenance ?? complete(null), checkpoints }
}

async function place(
  features: Matrix,
  request: Request,
  onFraction: (fraction: number) => void,
  signal: AbortSignal | undefined
): Promise<Placed> {
  throwIfCancelled(signal)
  if (request.method === 'pca') {
    const { points, explainedVariance } = principalComponents(features, request.dims, request.seed)
    return { points: rowsOf(points), explainedVariance }
  }
  return { points: await runUmap(features, request, onFraction, signal) }
}

/** umap-js from exact neighbours, in steps, so that it can be followed and cancelled. */
async function runUmap(
  features: Matrix,
  { neighbors, minDist, dims, seed }: Request,
  onFraction: (fraction: number) => void,
  signal: AbortSignal | undefined
): Promise<number[][]> {
  if (features.rows <= neighbors)
    throw new UsageError(`UMAP with ${neighbors} neighbours needs more than ${features.rows} images.`)
  const umap = new UMAP({
    nNeighbors: neighbors,
    minDist,
    nComponents: dims,
    random: createRandom(seed, 'umap').uniform
  })
  // umap-js counts a point as its own first neighbour.
  const near = nearestNeighbors(features, neighbors - 1)
  const withSelf = (values: ArrayLike<number>, row: number, self: number) => [
    self,
    ...Array.from({ length: neighbors - 1 }, (_, k) => values[row * (neighbors - 1) + k]!)
  ]
  const range = Array.from({ length: features.rows }, (_, row) => row)
  umap.setPrecomputedKNN(
    range.map((row) => withSelf(near.indices, row, row)),
    range.map((row) => withSelf(near.distances, row, 0))
  )
  const epochs = umap.initializeFit(rowsOf(features))
  for (let epoch = 0; epoch < epochs; epoch++) {
    umap.step()
    if (epoch % 20 !== 19) continue
    throwIfCancelled(signal)
    onFraction(epoch / epochs)
    await breathe()
  }
  return umap.getEmbedding()
}

const rowsOf = (matrix: Matrix): number[][] =>
  Array.from({ length: matrix.rows }, (_, row) => Array.from(rowOf(matrix, row)))
