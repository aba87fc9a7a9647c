import { averagePool, type FeatureMaps } from './feature-maps.ts'
import { meanSquaredError } from './fitnets-loss.ts'
import { zeros, type Matrix } from './matrix.ts'
import { crossEntropy } from './softmax.ts'

/** Weights of the two terms. */
export type AttentionTransferWeights = { labelWeight: number; attentionWeight: number }

/** Starting values of github.com/HobbitLong/RepDistiller (its README's command for AT: `-a 0 -b 1000`). */
export const attentionTransferDefaults: AttentionTransferWeights = { labelWeight: 1, attentionWeight: 1000 }

/** Length below which a map counts as that long, so that an all-zero map gives zeros: PyTorch's `normalize`. */
const leastNorm = 1e-12

/** The student's logits N x C and N labels; its maps and the teacher's, stage by stage. */
export type AttentionTransferInput = {
  logits: Matrix
  labels: ArrayLike<number>
  stages: readonly { student: FeatureMaps; teacher: FeatureMaps }[]
}

/**
 * Where each image's map is large: mean over channels of squares, flattened and divided by its L2 norm, N x (H W)
 * (Zagoruyko and Komodakis 2017, section 3.1, F_sum^2; the norm takes out sum or mean).
 */
export function attentionMap({ data, rows, height, width, channels }: FeatureMaps): Matrix {
  const pixels = height * width
  const out = zeros(rows, pixels)
  for (let row = 0; row < rows; row++) {
    let squares = 0
    for (let pixel = 0; pixel < pixels; pixel++) {
      const from = (row * pixels + pixel) * channels
      let sum = 0
      for (let c = 0; c < channels; c++) sum += data[from + c]! ** 2
      out.data[row * pixels + pixel] = sum / channels
      squares += (sum / channels) ** 2
    }
    const norm = Math.max(Math.sqrt(squares), leastNorm)
    for (let pixel = 0; pixel < pixels; pixel++) out.data[row * pixels + pixel]! /= norm
  }
  return out
}

/** Mean over images and pixels of the squared difference of two attention maps, the larger map averaged down to the smaller; throws RangeError for another number of images. */
export function attentionDistance(teacher: FeatureMaps, student: FeatureMaps): number {
  const height = Math.min(teacher.height, student.height)
  const width = Math.min(teacher.width, student.width)
  const [a, b] = [teacher, student].map((maps) =>
    attentionMap(maps.height === height && maps.width === width ? maps : averagePool(maps, height, width))
  )
  return meanSquaredError(a!, b!)
}

/**
 * Loss of attention transfer (Zagoruyko and Komodakis 2017, equation 2): labelWeight CE + attentionWeight times the sum over
 * stages of the mean squared difference of attention maps, as in RepDistiller (the paper has beta/2 times the norm). Neither
 * term has its weight; throws RangeError where shapes or labels do not fit.
 */
export function attentionTransferLoss(
  { logits, labels, stages }: AttentionTransferInput,
  { labelWeight, attentionWeight } = attentionTransferDefaults
): { total: number; crossEntropy: number; attention: number[] } {
  const ce = crossEntropy(logits, labels)
  const attention = stages.map(({ student, teacher }) => attentionDistance(teacher, student))
  const sum = attention.reduce((a, b) => a + b, 0)
  return { total: labelWeight * ce + attentionWeight * sum, crossEntropy: ce, attention }
}
