import type { NamedTensorMap, Tensor, Tensor4D } from '@tensorflow/tfjs'
import { crop, fitWindows } from './fit-windows.ts'
import type { Ops } from './ops.ts'

type Tf = typeof import('@tensorflow/tfjs')
type Kernel = readonly [height: number, width: number]
type Convolutions = Pick<Ops, 'conv2d' | 'depthwiseConv2d' | 'transposedConv2d'>

/** Convolutions for wasm, which has no kernels for the filters' gradients, nor for a depthwise one's input. */
export function wasmConvolutions(tf: Tf): Convolutions {
  return {
    conv2d(x, weight, { stride, padding, needsInputGradient }) {
      const fitted = fitWindows(tf, x, { kernel: [weight.shape[0], weight.shape[1]], stride, padding })
      return differentiable(tf, fitted, weight, {
        value: (a, w) => tf.conv2d(a, w, stride, 'valid'),
        inputSlope: (dy, a, w) =>
          needsInputGradient ? tf.conv2dTranspose(dy, w, a.shape, stride, 'valid') : tf.zerosLike(a),
        filterSlope: (dy, a) => filterSlope(tf, a, dy, stride)
      })
    },

    depthwiseConv2d(x, weight, { stride, padding, needsInputGradient }) {
      const kernel = [weight.shape[0], weight.shape[1]] as const
      const fitted = fitWindows(tf, x, { kernel, stride, padding })
      return differentiable(tf, fitted, weight, {
        value: (a, w) => tf.depthwiseConv2d(a, w, stride, 'valid'),
        inputSlope: (dy, a, w) => (needsInputGradient ? depthwiseInputSlope(tf, dy, w, stride) : tf.zerosLike(a)),
        filterSlope: (dy, a) => depthwiseFilterSlope(tf, a, dy, kernel, stride)
      })
    },

    transposedConv2d(x, weight, { stride, padding }) {
      const [count, height, width] = x.shape
      const [rows, columns, outChannels] = weight.shape
      const full = (size: number, kernel: number) => (size - 1) * stride + kernel
      const shape: [number, number, number, number] = [count, full(height, rows), full(width, columns), outChannels]
      const whole = differentiable(tf, x, weight, {
        value: (a, w) => tf.conv2dTranspose(a, w, shape, stride, 'valid'),
        inputSlope: (dy, _, w) => tf.conv2d(dy, w, stride, 'valid'),
        filterSlope: (dy, a) => filterSlope(tf, dy, a, stride)
      })
      return crop(tf, whole, padding)
    }
  }
}

type Parts = {
  value(x: Tensor4D, weight: Tensor4D): Tensor4D
  inputSlope(dy: Tensor4D, x: Tensor4D, weight: Tensor4D): Tensor4D
  filterSlope(dy: Tensor4D, x: Tensor4D): Tensor4D
}

function differentiable(tf: Tf, x: Tensor4D, weight: Tensor4D, parts: Parts): Tensor4D {
  return tf.customGrad((...args: unknown[]) => {
    const [input, filter, save] = args as [Tensor4D, Tensor4D, (tensors: Tensor[]) => void]
    save([input, filter])
    const gradFunc = (dy: Tensor, saved: Tensor[] | NamedTensorMap) => {
      const [a, w] = saved as [Tensor4D, Tensor4D]
      return [parts.inputSlope(dy as Tensor4D, a, w), parts.filterSlope(dy as Tensor4D, a)]
    }
    return { value: parts.value(input, filter), gradFunc }
  })(x, weight) as Tensor4D
}

/** A convolution of x with dy: batch as channels, dilation = stride. The windows fit the image, so the result is the kernel's. */
function filterSlope(tf: Tf, x: Tensor4D, dy: Tensor4D, stride: number): Tensor4D {
  const images = tf.transpose(x, [3, 1, 2, 0])
  const slopes = tf.transpose(dy, [1, 2, 0, 3])
  return tf.transpose(tf.conv2d(images, slopes, 1, 'valid', 'NHWC', stride), [1, 2, 0, 3])
}

/** Of each place of the kernel the products of dy with the pixels that it met, summed. */
function depthwiseFilterSlope(tf: Tf, x: Tensor4D, dy: Tensor4D, kernel: Kernel, stride: number): Tensor4D {
  const [rows, columns] = kernel
  const [count, height, width, channels] = dy.shape
  const places = Array.from({ length: rows * columns }, (_, place) => {
    const [row, column] = [Math.floor(place / columns), place % columns]
    const end = [count, row + (height - 1) * stride + 1, column + (width - 1) * stride + 1, channels]
    return tf.sum(tf.mul(tf.stridedSlice(x, [0, row, column, 0], end, [1, stride, stride, 1]), dy), [0, 1, 2])
  })
  return tf.reshape(tf.stack(places), [rows, columns, channels, 1])
}

/** dy with zeros where windows were skipped, convolved with the kernel turned around. */
function depthwiseInputSlope(tf: Tf, dy: Tensor4D, weight: Tensor4D, stride: number): Tensor4D {
  const [rows, columns] = weight.shape
  const [count, height, width, channels] = dy.shape
  const spread = spreadPixels(tf, dy, stride)
  const inner = tf.slice4d(spread, [0, 0, 0, 0], [count, (height - 1) * stride + 1, (width - 1) * stride + 1, channels])
  const margins: [number, number][] = [rows, columns].map((length) => [length - 1, length - 1])
  return tf.depthwiseConv2d(
    tf.pad4d(inner, [[0, 0], margins[0]!, margins[1]!, [0, 0]]),
    tf.reverse4d(weight, [0, 1]),
    1,
    'valid'
  )
}

/** Every pixel followed by stride - 1 zeros, in both directions. */
function spreadPixels(tf: Tf, x: Tensor4D, stride: number): Tensor4D {
  if (stride === 1) return x
  const [count, height, width, channels] = x.shape
  const rows = tf.reshape(x, [count * height, 1, width * channels])
  const spread = tf.concat([rows, tf.zeros([count * height, stride - 1, width * channels])], 1)
  const pixels = tf.reshape(spread, [count * height * stride * width, 1, channels])
  const zeros = tf.zeros([count * height * stride * width, stride - 1, channels])
  return tf.reshape(tf.concat([pixels, zeros], 1), [count, height * stride, width * stride, channels])
}
