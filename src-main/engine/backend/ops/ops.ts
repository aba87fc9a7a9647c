import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs'
import type { Backend } from '../backend.ts'
import { nativeOps } from './native-ops.ts'
import { portableOps } from './portable-ops.ts'
import type { SgdOptions, Stepped } from './sgd.ts'

/** BatchNorm's epsilon, PyTorch's default. */
export const batchNormEpsilon = 1e-5

export type ConvolutionOptions = {
  stride: number
  /** Zero pixels on every side. */
  padding: number
  /** False where the input is an image whose gradient nobody asks for. */
  needsInputGradient: boolean
}

/** The result of BatchNorm on its own batch. Mean and variance are kept: the caller disposes them. */
export type Normalized = { y: Tensor4D; mean: Tensor1D; /** Unbiased, n / (n - 1). */ variance: Tensor1D }

/** The operations whose gradients tfjs lacks or makes slowly; each backend has the same ones. */
export type Ops = {
  /** x [N,H,W,Cin], weight [kh,kw,Cin,Cout] -> [N,H',W',Cout], H' = floor((H + 2 padding - kh) / stride) + 1. */
  conv2d(x: Tensor4D, weight: Tensor4D, options: ConvolutionOptions): Tensor4D
  /** Each channel with a kernel of its own: x [N,H,W,C], weight [kh,kw,C,1] -> [N,H',W',C], H' as conv2d's. */
  depthwiseConv2d(x: Tensor4D, weight: Tensor4D, options: ConvolutionOptions): Tensor4D
  /** PyTorch's ConvTranspose2d: x [N,H,W,Cin], weight [kh,kw,Cout,Cin] -> [N,H',W',Cout], H' = (H - 1) stride - 2 padding + kh. */
  transposedConv2d(x: Tensor4D, weight: Tensor4D, options: ConvolutionOptions): Tensor4D
  /** gamma (x - mean) / sqrt(biased variance + epsilon) + beta with the batch's own moments; epsilon is PyTorch's if not given. */
  batchNormTrain(x: Tensor4D, gamma: Tensor1D, beta: Tensor1D, epsilon?: number): Normalized
  /** The same with given moments. */
  batchNormEvaluate(
    x: Tensor4D,
    gamma: Tensor1D,
    beta: Tensor1D,
    mean: Tensor1D,
    variance: Tensor1D,
    epsilon?: number
  ): Tensor4D
  relu<T extends Tensor>(x: T): T
  /** -sum_c targets_c log softmax(logits)_c, mean over the batch; targets [N,C] get no gradient. */
  softmaxCrossEntropy(logits: Tensor2D, targets: Tensor2D): Scalar
  /**
   * One parameter's step of stochastic gradient descent with momentum, PyTorch's form (Sutskever et al. 2013 without
   * dampening): d = g + weightDecay w; v' = momentum v + d; w' = w - lr (nesterov ? d + momentum v' : v').
   */
  sgd(weight: Tensor, velocity: Tensor, gradient: Tensor, learningRate: Scalar, options: SgdOptions): Stepped
  /** x, but gradients stop here. */
  stopGradient<T extends Tensor>(x: T): T
}

const made = new WeakMap<Backend, Ops>()

/** The operations of a backend: TensorFlow's fused kernels on `native`, compositions of tfjs's own elsewhere. */
export function opsOf(backend: Backend): Ops {
  const known = made.get(backend)
  if (known) return known
  // XLA knows TensorFlow's kernels only.
  const ops = backend.isNative
    ? nativeOps(backend.tf, backend.executor !== 'xla')
    : portableOps(backend.tf, backend.name)
  made.set(backend, ops)
  return ops
}
