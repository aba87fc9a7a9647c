import type { AnyReport, DataSelection, ProbeKind, ProbeRequest } from '../../../src-shared/reports.ts'

// Measured on two cores with a ResNet18 of width 8: each of these takes one to five seconds for one checkpoint.
const mapImages = 1000
const statisticsImages = 300
const fewestImages = 100
const coarseResamples = 20
const flatnessImages = 200
const gradientImages = 64
/** Noise that takes an accuracy from untouched to chance under every protocol, with what lies between. */
const coarseSigmas = [0.01, 0.03, 0.1, 0.3]

const coarser: { [K in ProbeKind]: (request: ProbeRequest<K>) => ProbeRequest<K> | null } = {
  embedding: (request) => ({ ...request, data: fewer(request, mapImages), method: 'pca' }),
  discriminativeness: (request) => ({
    ...request,
    data: fewer(request, statisticsImages),
    resamples: Math.min(request.resamples, coarseResamples)
  }),
  flatness: (request) => ({
    ...request,
    data: fewer(request, flatnessImages),
    draws: 1,
    sigmas: request.sigmas === 'auto' || request.sigmas.length > coarseSigmas.length ? coarseSigmas : request.sigmas
  }),
  gradients: (request) => ({ ...request, data: fewer(request, gradientImages), batchSize: null }),
  history: () => null
}

/** The requests that lead to a probe's result, coarse first; the last one is the request itself. */
export function refine<K extends ProbeKind>(kind: K, request: ProbeRequest<K>): ProbeRequest<K>[] {
  const coarse = coarser[kind](request)
  return coarse === null || isCheap(request, coarse) ? [request] : [coarse, request]
}

/**
 * A report of the first checkpoints of a request with, for the others, what a coarser report has of them; the same
 * checkpoints in the same order in both.
 */
export function completeReport<R extends AnyReport>(partial: R, coarse: R | null): R {
  if (coarse === null) return partial
  const rest = coarse.checkpoints.slice(partial.checkpoints.length)
  return { ...partial, checkpoints: [...partial.checkpoints, ...rest] }
}

/** The more checkpoints are compared, the fewer images of each make the first look. Raw arrays can't be cut. */
function fewer({ data, checkpoints }: { data: DataSelection; checkpoints: unknown[] }, most: number): DataSelection {
  if (data.kind === 'arrays') return data
  const limit = Math.max(Math.min(most, fewestImages), Math.floor(most / checkpoints.length))
  return data.limit !== null && data.limit <= limit ? data : { ...data, limit, orFewer: true }
}

/** Nothing is gained by a first look that does the same work. */
const isCheap = (request: object, coarse: object): boolean => JSON.stringify(request) === JSON.stringify(coarse)
