import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs'
import type { Ops } from '../backend/ops/ops.ts'
import { applyPlain } from './apply-layer.ts'
import { runGraph } from './graph/run-graph.ts'
import { convolveGroups } from './grouped-convolution.ts'
import type { BatchNorm, Convolution, Layer, Linear, Network, TransposedConvolution } from './layer.ts'
import type { NetworkState } from './weights.ts'

type Tf = typeof import('@tensorflow/tfjs')

/** features [N,d] (input of the fully connected layer) and logits [N,C] of one exit; `map` [N,h,w,d] before pooling. */
export type ExitOutput = { exit: number; features: Tensor2D; logits: Tensor2D; map: Tensor4D }

/**
 * Means and (unbiased) variances of what BatchNorm got of one batch, by the names of the running statistics that follow them;
 * kept tensors, the receiver disposes them.
 */
export type Moments = Map<string, Tensor1D>

/** `evaluate` normalises with the running statistics, `train` with the batch's own, which it hands out. */
export type Mode = { kind: 'evaluate' } | { kind: 'train'; moments: Moments }

export type ForwardOptions = {
  needsImageGradient?: boolean
  /** Hears what each stage gives [N,h,w,C], shallowest first. */
  onStage?: (map: Tensor4D, stage: number) => void
}

/** The forward pass: images [N,H,W,Cin], already normalised, to every exit's output, shallowest first. */
export function forward(
  tf: Tf,
  ops: Ops,
  network: Network,
  state: NetworkState,
  images: Tensor4D,
  mode: Mode,
  { needsImageGradient = false, onStage }: ForwardOptions = {}
): ExitOutput[] {
  if (network.graph)
    return runGraph(tf, ops, network.graph, state, images, mode, {
      needsImageGradient,
      ...(onStage ? { onStage } : {})
    })
  const tensor = (name: string): Tensor => {
    const found = state.parameters.get(name) ?? state.statistics.get(name)
    if (!found) throw new Error(`no tensor ${name}`)
    return found
  }

  const convolve = (x: Tensor4D, layer: Convolution): Tensor4D => {
    const { stride, padding, groups = 1 } = layer
    const needsInputGradient = x !== images || needsImageGradient
    const options = { stride, padding, needsInputGradient }
    const y = convolveGroups(tf, ops, x, tensor(`${layer.name}.weight`) as Tensor4D, groups, options)
    return layer.bias ? tf.add(y, tensor(`${layer.name}.bias`)) : y
  }

  const convolveBack = (x: Tensor4D, { name, stride, padding }: TransposedConvolution): Tensor4D =>
    tf.add(
      ops.transposedConv2d(x, tensor(`${name}.weight`) as Tensor4D, { stride, padding, needsInputGradient: true }),
      tensor(`${name}.bias`)
    )

  const normalize = (x: Tensor4D, { name }: BatchNorm): Tensor4D => {
    const gamma = tensor(`${name}.weight`) as Tensor1D
    const beta = tensor(`${name}.bias`) as Tensor1D
    if (mode.kind === 'train') {
      const { y, mean, variance } = ops.batchNormTrain(x, gamma, beta)
      mode.moments.set(`${name}.running_mean`, mean).set(`${name}.running_var`, variance)
      return y
    }
    const mean = tensor(`${name}.running_mean`) as Tensor1D
    return ops.batchNormEvaluate(x, gamma, beta, mean, tensor(`${name}.running_var`) as Tensor1D)
  }

  const through = (x: Tensor4D, layers: Layer[]): Tensor4D => layers.reduce(apply, x)
  function apply(x: Tensor4D, layer: Layer): Tensor4D {
    switch (layer.kind) {
      case 'convolution':
        return convolve(x, layer)
      case 'batchNorm':
        return normalize(x, layer)
      case 'relu':
        return ops.relu(x)
      case 'residual': {
        const sum = tf.add(through(x, layer.body), through(x, layer.shortcut)) as Tensor4D
        return layer.relu ? ops.relu(sum) : sum
      }
      case 'transposedConvolution':
        return convolveBack(x, layer)
      case 'concat':
        return tf.concat(
          layer.branches.map((branch) => through(x, branch)),
          3
        )
      case 'gate':
        return tf.mul(x, through(x, layer.mask))
      default:
        return applyPlain(tf, x, layer)
    }
  }

  const classify = (map: Tensor4D, features: Tensor2D, { name, isPointwise }: Linear): Tensor2D => {
    const [weight, bias] = [tensor(`${name}.weight`), tensor(`${name}.bias`)]
    if (!isPointwise) return tf.add(tf.matMul(features, weight as Tensor2D, false, true), bias)
    const options = { stride: 1, padding: 0, needsInputGradient: true }
    const scores = tf.add(convolveGroups(tf, ops, map, weight as Tensor4D, 1, options), bias) as Tensor4D
    return tf.mean(ops.relu(scores), [1, 2])
  }

  let x = through(images, network.stem)
  const outputs: ExitOutput[] = []
  network.stages.forEach((layers, index) => {
    x = through(x, layers)
    onStage?.(x, index + 1)
    const found = network.exits.find(({ exit }) => exit === index + 1)
    if (!found) return
    const map = through(x, found.head)
    const features = tf.mean(map, [1, 2]) as Tensor2D
    outputs.push({ exit: found.exit, features, logits: classify(map, features, found.classifier), map })
  })
  return outputs
}
