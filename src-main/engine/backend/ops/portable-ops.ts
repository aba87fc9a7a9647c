import type { Scalar, Tensor1D, Tensor4D } from '@tensorflow/tfjs'
import type { BackendName } from '../../../../src-shared/contract.ts'
import type { Ops } from './ops.ts'
import { batchNormEpsilon } from './ops.ts'
import { crop, fitWindows } from './fit-windows.ts'
import { portableSgd } from './sgd.ts'
import { stopGradient } from './stop-gradient.ts'
import { wasmConvolutions } from './wasm-convolutions.ts'

type Tf = typeof import('@tensorflow/tfjs')

/** The same operations from tfjs's own, for every backend without TensorFlow. */
export function portableOps(tf: Tf, name: BackendName): Ops {
  const plainConvolution: Ops['conv2d'] = (x, weight, { stride, padding }) => {
    const kernel = [weight.shape[0], weight.shape[1]] as const
    if (stride === 1 && padding * 2 === kernel[0] - 1 && kernel[0] === kernel[1]) return tf.conv2d(x, weight, 1, 'same')
    return tf.conv2d(fitWindows(tf, x, { kernel, stride, padding }), weight, stride, 'valid')
  }
  return {
    conv2d: plainConvolution,

    depthwiseConv2d(x, weight, { stride, padding }) {
      const fitted = fitWindows(tf, x, { kernel: [weight.shape[0], weight.shape[1]], stride, padding })
      return tf.depthwiseConv2d(fitted, weight, stride, 'valid')
    },

    transposedConv2d(x, weight, { stride, padding }) {
      const [count, height, width] = x.shape
      const [rows, columns, outChannels] = weight.shape
      const full = (size: number, kernel: number) => (size - 1) * stride + kernel
      const shape: [number, number, number, number] = [count, full(height, rows), full(width, columns), outChannels]
      return crop(tf, tf.conv2dTranspose(x, weight, shape, stride, 'valid'), padding)
    },

    batchNormTrain(x, gamma, beta, epsilon = batchNormEpsilon) {
      const n = x.size / x.shape[3]
      const { mean, variance } = tf.moments(x, [0, 1, 2])
      const y = tf.batchNorm(x, mean as Tensor1D, variance as Tensor1D, beta, gamma, epsilon) as Tensor4D
      const unbiased = tf.mul(variance, n / Math.max(1, n - 1))
      return { y, mean: tf.keep(tf.clone(mean)) as Tensor1D, variance: tf.keep(unbiased) as Tensor1D }
    },

    batchNormEvaluate: (x, gamma, beta, mean, variance, epsilon = batchNormEpsilon) =>
      tf.batchNorm(x, mean, variance, beta, gamma, epsilon) as Tensor4D,

    relu: (x) => tf.relu(x),

    softmaxCrossEntropy: (logits, targets) =>
      tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), targets), 1))) as Scalar,

    sgd: portableSgd(tf),
    stopGradient: stopGradient(tf),
    ...(name === 'wasm' ? wasmConvolutions(tf) : {})
  }
}
