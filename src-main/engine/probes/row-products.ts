import type { Tensor, Tensor2D } from '@tensorflow/tfjs'
import { throwIfCancelled } from '../../../src-shared/errors.ts'
import type { Matrix } from '../../../src-shared/science/matrix.ts'
import type { Backend } from '../backend/backend.ts'
import { compileByShape } from '../backend/compile/by-shape.ts'
import { breathe } from '../evaluation/run-network.ts'

/** Of a walk over blocks: `onFraction` is called after each with the share of the rows done, 0..1. */
export type BlockOptions = { onFraction?: (fraction: number) => void; signal?: AbortSignal | undefined }

/** Inner products x y of rows `from` to `to - 1`, measured from the mean row, with all N: row-major, (to - from) x N. */
export type ProductBlock = {
  from: number
  to: number
  products: Float32Array
  /** ||x||^2 of all N rows, measured from the mean row, so that ||x - y||^2 = ||x||^2 + ||y||^2 - 2 x y. */
  norms: Float64Array
  /** How far ||x||^2 + ||y||^2 - 2 x y may be from the exact ||x - y||^2, as a share of ||x||^2 + ||y||^2. */
  share: number
}

/** Products that are held at a time: 16 MiB. */
const blockSize = 2 ** 22

/**
 * Rounding the rows to float32 costs 4 u and d products in any order cost d u (Higham 2002, section 3.1), u = 2^-24. A
 * device that multiplies with fewer digits (TF32) is known by its x x, which are ||x||^2; what they lose, times this.
 */
const margin = 4
const roundingShare = (columns: number): number => (columns + 8) * 2 ** -24

/**
 * Multiplies all rows with all rows on the backend, block by block in order; the next block is computed while `visit`
 * looks at one. 4 N d + 32 MiB of memory. Throws CancelledError where the signal is aborted; frees its tensors always.
 */
export async function eachBlockOfProducts(
  backend: Backend,
  features: Matrix,
  visit: (block: ProductBlock) => void,
  { onFraction, signal }: BlockOptions = {}
): Promise<void> {
  throwIfCancelled(signal)
  const { tf } = backend
  const { rows: n, columns: d } = features
  const points = fromMean(features)
  const norms = squaredNorms(points, n, d)
  const size = Math.max(1, Math.min(n, Math.floor(blockSize / n)))
  const product = compileByShape(backend, (block: Tensor, all: Tensor) => tf.matMul(block as Tensor2D, all as Tensor2D))
  // Transposed once: WebAssembly is some ten times slower where matMul is to do it.
  const all = tf.tidy(() => tf.transpose(tf.tensor2d(points, [n, d])))
  const multiply = async (from: number): Promise<Float32Array> => {
    const to = Math.min(n, from + size)
    const block = tf.tensor2d(points.subarray(from * d, to * d), [to - from, d])
    try {
      const result = await product.call(block, all)
      // Not dataSync, which WebGPU does not have.
      const values = await result.data()
      result.dispose()
      return values as Float32Array
    } finally {
      block.dispose()
    }
  }
  let share = roundingShare(d)
  let next = multiply(0)
  try {
    for (let from = 0; from < n; from += size) {
      const to = Math.min(n, from + size)
      const products = await next
      if (to < n) next = multiply(to)
      for (let i = from; i < to; i++) {
        const loss = Math.abs(products[(i - from) * n + i]! / norms[i]! - 1)
        if (loss * margin > share) share = loss * margin
      }
      visit({ from, to, products, norms, share })
      onFraction?.(to / n)
      await breathe()
      throwIfCancelled(signal)
    }
  } finally {
    await next.catch(() => undefined)
    all.dispose()
    product.dispose()
  }
}

/** Float32 copy measured from the mean row, so that a far origin costs no digits. */
function fromMean({ data, rows, columns }: Matrix): Float32Array {
  const mean = new Float64Array(columns)
  for (let i = 0, at = 0; i < rows; i++) for (let k = 0; k < columns; k++, at++) mean[k] = mean[k]! + data[at]!
  for (let k = 0; k < columns; k++) mean[k] = mean[k]! / rows
  const out = new Float32Array(rows * columns)
  for (let i = 0, at = 0; i < rows; i++) for (let k = 0; k < columns; k++, at++) out[at] = data[at]! - mean[k]!
  return out
}

function squaredNorms(points: Float32Array, rows: number, columns: number): Float64Array {
  const norms = new Float64Array(rows)
  for (let i = 0; i < rows; i++) {
    let norm = 0
    for (let at = i * columns, end = at + columns; at < end; at++) norm += points[at]! * points[at]!
    norms[i] = norm
  }
  return norms
}

/** ||x_i - x_j||^2 in float64. */
export function squaredDistance({ data, columns }: Matrix, i: number, j: number): number {
  let sum = 0
  for (let at = i * columns, end = at + columns, other = j * columns; at < end; at++, other++) {
    const difference = data[at]! - data[other]!
    sum += difference * difference
  }
  return sum
}
