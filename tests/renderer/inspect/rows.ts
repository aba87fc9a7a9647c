import type { TensorDifferenceRow, TensorStatisticsRow } from '../../../src-shared/contract.ts'

/** A measured tensor; what matters to a test is given. */
export const statisticsRow = (changes: Partial<TensorStatisticsRow>): TensorStatisticsRow => ({
  ...{ name: 'x', shape: [4, 2], dtype: 'F32', count: 8, mean: 0, deviation: 1, min: -1, max: 1, norm: 2 },
  ...{ zeroFraction: 0.5, nearZeroFraction: 0.5, nonFinite: 0 },
  histogram: { low: -1, high: 1, counts: Uint32Array.of(3, 5) },
  ...changes
})

/** Two compared tensors; what matters to a test is given. */
export const differenceRow = (changes: Partial<TensorDifferenceRow>): TensorDifferenceRow => ({
  ...{ name: 'x', state: 'differs', a: { shape: [2, 2], dtype: 'F32' }, b: { shape: [2, 2], dtype: 'F32' } },
  ...{ maxAbs: 0.5, meanAbs: 0.25, relative: 0.1, cosine: 0.9, unequalFraction: 1 },
  ...changes
})
