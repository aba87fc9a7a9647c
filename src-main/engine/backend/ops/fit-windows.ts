import type { Tensor4D } from '@tensorflow/tfjs'

type Windows = { kernel: readonly [height: number, width: number]; stride: number; padding: number }

/**
 * NHWC images with `padding` zero pixels before, and after as many as the last window reaches, so that windows without
 * padding give what PyTorch's give. What no window reaches is left out: TensorFlow's CPU kernels for the filter's
 * gradient write past their buffers where windows leave pixels over (docs/engine.md).
 */
export function fitWindows(
  tf: typeof import('@tensorflow/tfjs'),
  x: Tensor4D,
  { kernel, stride, padding }: Windows
): Tensor4D {
  const [count, height, width, channels] = x.shape
  const after = (size: number, length: number) => {
    const windows = Math.floor((size + 2 * padding - length) / stride) + 1
    return (windows - 1) * stride + length - padding - size
  }
  const [below, right] = [after(height, kernel[0]), after(width, kernel[1])]
  const cropped =
    below < 0 || right < 0
      ? tf.slice4d(x, [0, 0, 0, 0], [count, height + Math.min(0, below), width + Math.min(0, right), channels])
      : x
  if (padding === 0 && below <= 0 && right <= 0) return cropped
  return tf.pad4d(cropped, [
    [0, 0],
    [padding, Math.max(0, below)],
    [padding, Math.max(0, right)],
    [0, 0]
  ])
}

/** NHWC images without `margin` pixels on every side. */
export function crop(tf: typeof import('@tensorflow/tfjs'), x: Tensor4D, margin: number): Tensor4D {
  const [count, height, width, channels] = x.shape
  if (margin === 0) return x
  return tf.slice4d(x, [0, margin, margin, 0], [count, height - 2 * margin, width - 2 * margin, channels])
}
