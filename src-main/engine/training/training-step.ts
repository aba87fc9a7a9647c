import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs'
import type { Ops } from '../backend/ops/ops.ts'
import { forward, momentOf, type ExitOutput, type Moments } from '../model/forward.ts'
import type { Network } from '../model/layer.ts'
import { tensorSpecs } from '../model/tensor-specs.ts'
import type { NetworkState } from '../model/weights.ts'
import { factorOf, nextLossScale, type LossScale } from './loss-scale.ts'
import { computeLosses, type Losses, type Objective } from './losses.ts'
import type { SgdOptions } from '../backend/ops/sgd.ts'

type Tf = typeof import('@tensorflow/tfjs')

/** A network in training: its tensors and the optimiser's, by the same names. */
export type TrainingState = {
  network: NetworkState
  velocity: Map<string, Tensor>
  /** Of a run in float16; null of others. */
  lossScale: LossScale | null
}

/** Images [N,H,W,Cin], labels [N] (int32) and the learning rate: tensors, so that a step can be compiled. */
export type StepInputs = { images: Tensor4D; labels: Tensor1D; learningRate: Scalar }

/** What a step tells, in this order, as one vector: see `readMetrics`. */
export type StepMetrics = {
  total: number
  crossEntropy: number[]
  kl: number[]
  hint: number[]
  trainAccuracy: number[]
  gradientMagnitude: number[]
}

/** Momentum of BatchNorm's running statistics, PyTorch's default. */
const statisticsMomentum = 0.1

/** One training step: a pure function of state and inputs. The old state stays with the caller, who disposes it. */
export function trainingStep(
  tf: Tf,
  ops: Ops,
  network: Network,
  objective: Objective,
  sgd: SgdOptions,
  state: TrainingState,
  { images, labels, learningRate }: StepInputs
): { state: TrainingState; metrics: Tensor1D } {
  const names = [...state.network.parameters.keys()]
  const moments = new Map<string, Moments>()
  let reported: Tensor1D | undefined
  const parameters = new Map<string, Tensor>()
  const velocity = new Map<string, Tensor>()
  const statistics = new Map<string, Tensor1D>()
  const gradientSums = new Map<string, Scalar>()

  const scale = state.lossScale
  let lossScale: LossScale | null = null

  const metrics = tf.tidy(() => {
    const targets = tf.oneHot(labels, network.classes).toFloat() as Tensor2D
    const { grads } = tf.engine().gradients(
      () => {
        const outputs = forward(tf, ops, network, state.network, images, { kind: 'train', moments })
        const losses = computeLosses(tf, ops, outputs, targets, objective)
        reported = tf.keep(packLosses(tf, losses, outputs, targets))
        return scale ? tf.mul(losses.total, factorOf(tf, scale)) : losses.total
      },
      names.map((name) => state.network.parameters.get(name)!)
    )
    const shrink = scale && tf.div(1, factorOf(tf, scale))
    names.forEach((name, index) => {
      const gradient = shrink ? tf.mul(grads[index]!, shrink) : grads[index]!
      const weight = state.network.parameters.get(name)!
      const updated = ops.sgd(weight, state.velocity.get(name)!, gradient, learningRate, sgd)
      parameters.set(name, updated.weight)
      velocity.set(name, updated.velocity)
      gradientSums.set(name, updated.gradientSum)
    })
    if (scale) {
      const isGood = tf.isFinite(tf.addN([...gradientSums.values()]))
      for (const [kept, before] of [
        [parameters, state.network.parameters],
        [velocity, state.velocity]
      ] as const)
        for (const [name, tensor] of kept) kept.set(name, tf.where(isGood, tensor, before.get(name)!))
      lossScale = tf.keep(nextLossScale(tf, scale, isGood))
    }
    for (const tensor of [...parameters.values(), ...velocity.values()]) tf.keep(tensor)
    for (const [name, old] of state.network.statistics) {
      const fresh = momentOf(moments, name)
      const moved = tf.add(tf.mul(old, 1 - statisticsMomentum), tf.mul(fresh, statisticsMomentum))
      statistics.set(name, tf.keep(moved) as Tensor1D)
    }
    return tf.concat1d([reported!, stageMagnitudes(tf, network, gradientSums)])
  })
  tf.dispose([reported!, ...[...moments.values()].flatMap(({ mean, variance }) => [mean, variance])])
  const batchesTracked = state.network.batchesTracked + 1
  return { state: { network: { parameters, statistics, batchesTracked }, velocity, lossScale }, metrics }
}

/** The vector that `trainingStep` gives, as numbers, and frees it; waits for the step to end. */
export async function readMetrics(network: Network, objective: Objective, metrics: Tensor1D): Promise<StepMetrics> {
  const values = [...(await metrics.data())]
  metrics.dispose()
  const exits = network.exits.length
  const distilled = objective.method === 'self-distillation' ? exits - 1 : 0
  const take = (count: number) => values.splice(0, count)
  return {
    total: take(1)[0]!,
    crossEntropy: take(exits),
    kl: take(distilled),
    hint: take(distilled),
    trainAccuracy: take(exits),
    gradientMagnitude: take(network.stages.length + 1)
  }
}

function packLosses(tf: Tf, losses: Losses, outputs: ExitOutput[], targets: Tensor2D): Tensor1D {
  const classes = tf.argMax(targets, 1)
  const accuracies = outputs.map(({ logits }) => tf.mean(tf.cast(tf.equal(tf.argMax(logits, 1), classes), 'float32')))
  const { total, crossEntropy, kl, hint } = losses
  return tf.stack([total, ...crossEntropy, ...kl, ...hint, ...accuracies]) as Tensor1D
}

/** Mean |gradient| over the backbone's convolution weights of the stem and of each stage. */
function stageMagnitudes(tf: Tf, network: Network, gradientSums: Map<string, Scalar>): Tensor1D {
  const perStage: Scalar[][] = Array.from({ length: network.stages.length + 1 }, () => [])
  const counts = perStage.map(() => 0)
  for (const { name, role, part, stage, shape } of tensorSpecs(network)) {
    if (role !== 'convolution' || part !== 'backbone') continue
    perStage[stage]!.push(gradientSums.get(name)!)
    counts[stage]! += shape.reduce((a, b) => a * b, 1)
  }
  return tf.stack(perStage.map((sums, stage) => tf.div(tf.addN(sums), counts[stage]!))) as Tensor1D
}
