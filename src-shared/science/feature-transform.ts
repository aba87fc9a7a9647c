import { zeros, type Matrix } from './matrix.ts'

/** What is done to features before their scatter is measured: nothing, mean 0 and variance 1 per column, or L2 norm 1 per row. */
export type FeatureTransform = 'raw' | 'standardized' | 'normalized'

/**
 * Features as given, standardised (population standard deviation) or divided by their row's L2 norm (a row of zeros
 * stays). Standardising drops the columns that hold one value only: `deadDimensions` says how many, 0 for the others.
 */
export function transformFeatures(
  features: Matrix,
  transform: FeatureTransform
): { features: Matrix; deadDimensions: number } {
  if (transform === 'raw') return { features, deadDimensions: 0 }
  if (transform === 'normalized') return { features: normalizeRows(features), deadDimensions: 0 }
  const alive: number[] = []
  for (let k = 0; k < features.columns; k++) if (varies(features, k)) alive.push(k)
  return { features: standardize(features, alive), deadDimensions: features.columns - alive.length }
}

/** Exact, where a computed variance of equal values may come out above zero. */
function varies({ data, rows, columns }: Matrix, k: number): boolean {
  for (let i = 1; i < rows; i++) if (data[i * columns + k] !== data[k]) return true
  return false
}

function standardize({ data, rows, columns }: Matrix, alive: readonly number[]): Matrix {
  const out = zeros(rows, alive.length)
  alive.forEach((k, to) => {
    let mean = 0
    for (let i = 0; i < rows; i++) mean += data[i * columns + k]!
    mean /= rows
    let squares = 0
    for (let i = 0; i < rows; i++) squares += (data[i * columns + k]! - mean) ** 2
    const deviation = Math.sqrt(squares / rows)
    for (let i = 0; i < rows; i++) out.data[i * alive.length + to] = (data[i * columns + k]! - mean) / deviation
  })
  return out
}

function normalizeRows({ data, rows, columns }: Matrix): Matrix {
  const out = zeros(rows, columns)
  for (let i = 0; i < rows; i++) {
    let squares = 0
    for (let k = 0; k < columns; k++) squares += data[i * columns + k]! ** 2
    const norm = Math.sqrt(squares)
    if (norm === 0) continue
    for (let k = 0; k < columns; k++) out.data[i * columns + k] = data[i * columns + k]! / norm
  }
  return out
}
