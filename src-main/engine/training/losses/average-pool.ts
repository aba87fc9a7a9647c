import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs'
import { adaptiveWindow } from '../../../../src-shared/science/feature-maps.ts'

type Tf = typeof import('@tensorflow/tfjs')

/**
 * The tensor twin of science's `averagePool`: maps [N,H,W,C] averaged down to [N,height,width,C], as a product with a constant
 * matrix, so that every backend differentiates it and sizes need not divide one another.
 */
export function averagePool(tf: Tf, maps: Tensor4D, height: number, width: number): Tensor4D {
  const [n, h, w, channels] = maps.shape
  if (h === height && w === width) return maps
  const shares = new Float32Array(h * w * height * width)
  for (let y = 0; y < height; y++) {
    const [top, bottom] = adaptiveWindow(y, height, h)
    for (let x = 0; x < width; x++) {
      const [left, right] = adaptiveWindow(x, width, w)
      for (let v = top; v < bottom; v++) {
        for (let u = left; u < right; u++) {
          shares[(v * w + u) * height * width + y * width + x] = 1 / ((bottom - top) * (right - left))
        }
      }
    }
  }
  const pixelsLast = maps.transpose([0, 3, 1, 2]).reshape([n * channels, h * w]) as Tensor2D
  const pooled = tf.matMul(pixelsLast, tf.tensor2d(shares, [h * w, height * width]))
  return pooled.reshape([n, channels, height, width]).transpose([0, 2, 3, 1]) as Tensor4D
}
