import type { NamedTensorMap, Scalar, Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs'
import type { ConvolutionOptions, Ops } from './ops.ts'
import { batchNormEpsilon } from './ops.ts'
import { crop, fitWindows } from './fit-windows.ts'
import { portableSgd } from './sgd.ts'
import { stopGradient } from './stop-gradient.ts'

export type Tf = typeof import('@tensorflow/tfjs')

type Attribute = { name: string; type: number; value: unknown }
type NativeBackend = {
  binding: Record<
    'TF_ATTR_STRING' | 'TF_ATTR_INT' | 'TF_ATTR_FLOAT' | 'TF_ATTR_BOOL' | 'TF_ATTR_TYPE' | 'TF_FLOAT',
    number
  > & { isUsingGpuDevice(): boolean }
  executeMultipleOutputs(name: string, attributes: Attribute[], inputs: Tensor[], outputs: number): Tensor[]
}
type Save = (tensors: Tensor[]) => void
type Kernel = readonly [height: number, width: number]

/**
 * TensorFlow's fused kernels, called directly, with their own gradient kernels. `mayUseOurs` allows kernels that the addon
 * adds (native/sgd-kernel.cc), which are for CPUs.
 */
export function nativeOps(tf: Tf, mayUseOurs: boolean): Ops {
  const native = tf.backend() as unknown as NativeBackend
  const { binding } = native
  const run = (name: string, attributes: Attribute[], inputs: Tensor[], outputs = 1) =>
    native.executeMultipleOutputs(name, attributes, inputs, outputs)
  const runOne = <T extends Tensor>(name: string, attributes: Attribute[], inputs: Tensor[]): T =>
    run(name, attributes, inputs)[0] as T
  const float = (name: string): Attribute => ({ name, type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT })
  const text = (name: string, value: string): Attribute => ({ name, type: binding.TF_ATTR_STRING, value })
  const ints = (name: string, value: number[]): Attribute => ({ name, type: binding.TF_ATTR_INT, value })
  const real = (name: string, value: number): Attribute => ({ name, type: binding.TF_ATTR_FLOAT, value })
  const bool = (name: string, value: boolean): Attribute => ({ name, type: binding.TF_ATTR_BOOL, value })
  const T = float('T')
  const data = text('data_format', 'NHWC')

  // TensorFlow's SAME pads strided windows asymmetrically, its EXPLICIT is slow and unsafe: strided ones are fitted.
  const isSame = ([height, width]: Kernel, { stride, padding }: ConvolutionOptions): boolean =>
    stride === 1 && padding * 2 === height - 1 && height === width

  const shapeOf = (x: Tensor) => tf.tensor1d(x.shape, 'int32')

  /** A convolution by one kernel, its gradients by that kernel's own two. */
  const convolution =
    (forward: string, byInput: string, byFilter: string): Ops['conv2d'] =>
    (x, weight, options) => {
      const { stride, padding } = options
      const kernel: Kernel = [weight.shape[0], weight.shape[1]]
      const same = isSame(kernel, options)
      if (!same) x = fitWindows(tf, x, { kernel, stride, padding })
      const attributes = [T, ints('strides', [1, stride, stride, 1]), text('padding', same ? 'SAME' : 'VALID'), data]
      return tf.customGrad((...args: unknown[]) => {
        const [input, filter, save] = args as [Tensor4D, Tensor4D, Save]
        save([input, filter])
        return {
          value: runOne<Tensor4D>(forward, attributes, [input, filter]),
          gradFunc: (dy: Tensor, saved: Tensor[] | NamedTensorMap) => {
            const [a, w] = saved as [Tensor4D, Tensor4D]
            const dx = options.needsInputGradient
              ? runOne<Tensor4D>(byInput, attributes, [shapeOf(a), w, dy])
              : tf.zerosLike(a)
            return [dx, runOne<Tensor4D>(byFilter, attributes, [a, shapeOf(w), dy])]
          }
        }
      })(x, weight) as Tensor4D
    }
  const conv2d = convolution('Conv2D', 'Conv2DBackpropInput', 'Conv2DBackpropFilter')
  const depthwise = 'DepthwiseConv2dNative'
  const depthwiseConv2d = convolution(depthwise, `${depthwise}BackpropInput`, `${depthwise}BackpropFilter`)

  /** The gradient of a convolution without padding over images that are larger by the padding, cut to size. */
  const transposedConv2d: Ops['transposedConv2d'] = (x, weight, { stride, padding }) => {
    const [count, height, width] = x.shape
    const [rows, columns, outChannels] = weight.shape
    const full = (size: number, kernel: number) => (size - 1) * stride + kernel
    const shape: [number, number, number, number] = [count, full(height, rows), full(width, columns), outChannels]
    const attributes = [T, ints('strides', [1, stride, stride, 1]), text('padding', 'VALID'), data]
    const whole = tf.customGrad((...args: unknown[]) => {
      const [input, filter, save] = args as [Tensor4D, Tensor4D, Save]
      save([input, filter])
      return {
        value: runOne<Tensor4D>('Conv2DBackpropInput', attributes, [tf.tensor1d(shape, 'int32'), filter, input]),
        gradFunc: (dy: Tensor, saved: Tensor[] | NamedTensorMap) => {
          const [a, w] = saved as [Tensor4D, Tensor4D]
          return [
            runOne<Tensor4D>('Conv2D', attributes, [dy, w]),
            runOne<Tensor4D>('Conv2DBackpropFilter', attributes, [dy, shapeOf(w), a])
          ]
        }
      }
    })(x, weight) as Tensor4D
    return crop(tf, whole, padding)
  }

  const normAttributes = (training: boolean, epsilon: number) => [
    T,
    float('U'),
    real('epsilon', epsilon),
    data,
    bool('is_training', training)
  ]

  const batchNormTrain: Ops['batchNormTrain'] = (x, gamma, beta, epsilon = batchNormEpsilon) => {
    const attributes = normAttributes(true, epsilon)
    const forward = [...attributes, real('exponential_avg_factor', 1)]
    let moments: Tensor[] = []
    const y = tf.customGrad((...args: unknown[]) => {
      const [input, scale, offset, save] = args as [Tensor4D, Tensor1D, Tensor1D, Save]
      const none = tf.tensor1d([], 'float32')
      const [value, mean, variance, r1, r2, r3] = run(
        'FusedBatchNormV3',
        forward,
        [input, scale, offset, none, none],
        6
      )
      moments = [tf.keep(mean!), tf.keep(variance!)]
      save([input, scale, r1!, r2!, r3!])
      const gradFunc = (dy: Tensor, saved: Tensor[] | NamedTensorMap) =>
        run('FusedBatchNormGradV3', attributes, [dy, ...(saved as Tensor[])], 5).slice(0, 3)
      return { value: value!, gradFunc }
    })(x, gamma, beta) as Tensor4D
    return { y, mean: moments[0] as Tensor1D, variance: moments[1] as Tensor1D }
  }

  const batchNormEvaluate: Ops['batchNormEvaluate'] = (x, gamma, beta, mean, variance, epsilon = batchNormEpsilon) => {
    const attributes = normAttributes(false, epsilon)
    return tf.customGrad((...args: unknown[]) => {
      const [input, scale, offset, save] = args as [Tensor4D, Tensor1D, Tensor1D, Save]
      const [value] = run('FusedBatchNormV3', attributes, [input, scale, offset, mean, variance], 6)
      save([input, scale])
      const gradFunc = (dy: Tensor, saved: Tensor[] | NamedTensorMap) => {
        const [a, s] = saved as [Tensor4D, Tensor1D]
        return run('FusedBatchNormGradV3', attributes, [dy, a, s, mean, variance, variance], 5).slice(0, 3)
      }
      return { value: value!, gradFunc }
    })(x, gamma, beta) as Tensor4D
  }

  const relu = <X extends Tensor>(x: X): X =>
    tf.customGrad((...args: unknown[]) => {
      const [input, save] = args as [Tensor, Save]
      const y = runOne('Relu', [T], [input])
      save([y])
      const gradFunc = (dy: Tensor, saved: Tensor[] | NamedTensorMap) => [
        runOne('ReluGrad', [T], [dy, (saved as Tensor[])[0]!])
      ]
      return { value: y, gradFunc }
    })(x) as X

  const softmaxCrossEntropy: Ops['softmaxCrossEntropy'] = (logits, targets) =>
    tf.customGrad((...args: unknown[]) => {
      const [z, save] = args as [Tensor2D, Save]
      const [losses, slope] = run('SoftmaxCrossEntropyWithLogits', [T], [z, targets], 2)
      save([slope!])
      const gradFunc = (dy: Tensor, saved: Tensor[] | NamedTensorMap) => [
        tf.mul((saved as Tensor[])[0]!, tf.div(dy, logits.shape[0]))
      ]
      return { value: tf.mean(losses!) as Tensor, gradFunc }
    })(logits) as Scalar

  const sgd: Ops['sgd'] = (weight, velocity, gradient, learningRate, { momentum, nesterov, weightDecay }) => {
    const attributes = [real('momentum', momentum), real('weight_decay', weightDecay), bool('nesterov', nesterov)]
    const inputs = [weight, velocity, gradient, learningRate]
    const [stepped, moved, gradientSum] = run('AutodidactSgd', attributes, inputs, 3)
    return { weight: stepped!, velocity: moved!, gradientSum: gradientSum as Scalar }
  }

  return {
    sgd: mayUseOurs && !binding.isUsingGpuDevice() ? sgd : portableSgd(tf),
    conv2d,
    depthwiseConv2d,
    transposedConv2d,
    batchNormTrain,
    batchNormEvaluate,
    relu,
    softmaxCrossEntropy,
    stopGradient: stopGradient(tf)
  }
}
