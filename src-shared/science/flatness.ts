import { normals } from './random.ts'

export { sigmaAtDrop, type Measured } from './sigma-at-drop.ts'
export { nextSigma, soughtDrops } from './sigma-planner.ts'

/** Standard normal noise for one tensor's elements: a function of exactly these, so that every sigma scales one and the same draw. */
export function unitNoise(seed: number, draw: number, tensorName: string, length: number): Float32Array {
  return normals(length, 'weight-noise', seed, draw, tensorName)
}

/**
 * Scale of each output filter's noise, ||w_f||/sqrt(n_f) with n_f = `perFilter`: sigma times it times unit noise has an
 * expected norm of about sigma ||w_f|| (filter normalisation, Li et al. 2018, section 4). `filter-first` is
 * [filters][perFilter] (PyTorch), `filter-last` [perFilter][filters] (TensorFlow); throws RangeError where the lengths
 * do not fit.
 */
export function filterScales(
  weights: Float32Array,
  filters: number,
  perFilter: number,
  order: 'filter-first' | 'filter-last'
): Float32Array {
  if (weights.length !== filters * perFilter) {
    throw new RangeError(`${weights.length} weights for ${filters} filters of ${perFilter}.`)
  }
  const squares = new Float64Array(filters)
  const [filterStep, step] = order === 'filter-first' ? [perFilter, 1] : [1, filters]
  for (let f = 0; f < filters; f++) {
    let sum = 0
    for (let i = 0, at = f * filterStep; i < perFilter; i++, at += step) sum += weights[at]! * weights[at]!
    squares[f] = sum
  }
  return Float32Array.from(squares, (sum) => Math.sqrt(sum / perFilter))
}
