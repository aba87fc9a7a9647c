import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs'
import type { Operation } from '../graph.ts'
import { channelAxis } from '../output-shape.ts'
import type { Tools } from './apply-node.ts'
import { asFile, inFileOrder, ofImages, type Held } from './held.ts'

/** How BatchNorm normalises: with what the file says, or with the batch's own moments, which `onMoments` gets. */
export type Norm =
  | { kind: 'evaluate' }
  /** Kept tensors, unbiased variance, the receiver's. */
  | { kind: 'train'; onMoment(statistic: string, moment: Tensor1D): void }

type BatchNorm = Extract<Operation, { op: 'batchNorm' }>

/** BatchNorm of a value of any rank, over the axis of its channels. */
export function normalize(tools: Tools, x: Held, { epsilon }: BatchNorm, names: string[]): Held {
  const { tf, layout } = tools
  if (x.tensor.rank === 4 && (x.isMoved || layout === 'NHWC'))
    return ofImages(normalizeImages(tools, x.tensor as Tensor4D, epsilon, names), layout)
  const file = inFileOrder(tf, x)
  const axis = channelAxis(file.rank, layout)
  const rest = file.shape.map((_, at) => at).filter((at) => at !== axis)
  const isLast = axis === file.rank - 1
  const last = isLast ? file : tf.transpose(file, [...rest, axis])
  const [count = 1, ...others] = last.shape
  const channels = others.pop() ?? 1
  const pixels = others.reduce((a, b) => a * b, 1)
  const images: Tensor4D = tf.reshape(last, [count, pixels, 1, channels])
  const y = tf.reshape(normalizeImages(tools, images, epsilon, names), last.shape)
  const back = file.shape.map((_, at) => (at === axis ? file.rank - 1 : rest.indexOf(at)))
  return asFile(isLast ? y : tf.transpose(y, back))
}

function normalizeImages({ ops, norm, weight }: Tools, x: Tensor4D, epsilon: number, names: string[]): Tensor {
  const [scale, shift, mean, variance] = names as [string, string, string, string]
  const [gamma, beta] = [weight(scale) as Tensor1D, weight(shift) as Tensor1D]
  if (norm.kind === 'evaluate')
    return ops.batchNormEvaluate(x, gamma, beta, weight(mean) as Tensor1D, weight(variance) as Tensor1D, epsilon)
  const normalized = ops.batchNormTrain(x, gamma, beta, epsilon)
  norm.onMoment(mean, normalized.mean)
  norm.onMoment(variance, normalized.variance)
  return normalized.y
}
