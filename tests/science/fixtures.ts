import { readFileSync } from 'node:fs'
import { normals } from '../../src-shared/science/random.ts'
import type { Matrix } from '../../src-shared/science/matrix.ts'

const readJson = (path: string): unknown =>
  JSON.parse(readFileSync(new URL(`../fixtures/${path}`, import.meta.url), 'utf8'))

/** Values of scikit-learn, SciPy and NumPy; fixtures/science/make_reference.py says how they were made. */
export const reference = readJson('science/reference.json') as {
  features: number[][]
  labels: number[]
  map: number[][]
  trustworthiness: Record<string, number>
  silhouette: number
  knnAccuracy: Record<string, number>
  pca: { explainedVariance: number; components: number[][] }
  eigenvalues: number[]
  quantiles: { values: number[]; at: Record<string, number> }
  losses: { total: number; crossEntropy: number[]; kl: number[]; hint: number[] }
  fitTemperature: { logits: number[][]; labels: number[]; temperature: number }
}

export type Golden = {
  labels: number[]
  hyper: { alpha: number; lambda: number; temperature: number }
  eval: {
    logits: number[][][]
    features: number[][][]
    discriminativeness: { sse: number; ssb: number; ratio: number }[]
  }
}

/** What PyTorch gave for one of the golden networks. */
export const readGolden = (name: string): Golden => readJson(`golden/${name}/golden.json`) as Golden

/** Seeded normal points in `classes` clusters, labels in turn. */
export function clusters(rows: number, columns: number, classes: number, distance: number, seed: number) {
  const data = Float64Array.from(normals(rows * columns, 'points', seed))
  const centers = normals(classes * columns, 'centers', seed)
  const labels = Int32Array.from({ length: rows }, (_, i) => i % classes)
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < columns; k++) data[i * columns + k]! += distance * centers[labels[i]! * columns + k]!
  }
  return { features: { data, rows, columns } satisfies Matrix, labels }
}

/** The same points after scaling, a rotation in the plane of the first two axes and a shift of every axis. */
export function moved({ data, rows, columns }: Matrix, scale: number, angle: number, shift: number): Matrix {
  const out = Float64Array.from(data)
  for (let i = 0; i < rows; i++) {
    const at = i * columns
    const x = out[at]!
    const y = out[at + 1]!
    out[at] = Math.cos(angle) * x - Math.sin(angle) * y
    out[at + 1] = Math.sin(angle) * x + Math.cos(angle) * y
  }
  return { data: out.map((value, i) => scale * value + shift * ((i % columns) + 1)), rows, columns }
}
