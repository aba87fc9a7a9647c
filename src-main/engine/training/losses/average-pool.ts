import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs'
import { adaptiveWindow } from '../../../../src-shared/science/feature-maps.ts'

type Tf = typeof import('@tensorflow/tfjs')

/**
 * The tensor twin of science's `averagePool`: maps [N,H,W,C] averaged down to [N,height,width,C], where the sizes do not
 * divide one another as a product with a constant matrix, which every backend differentiates.
 */
export function averagePool(tf: Tf, maps: Tensor4D, height: number, width: number): Tensor4D {
  const [n, h, w, channels] = maps.shape
  if (h === height && w === width) return maps
  if (h % height === 0 && w % width === 0) {
    const windows = maps.reshape([n, height, h / height, width, w / width, channels])
    return tf.mean(windows, [2, 4])
  }
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
