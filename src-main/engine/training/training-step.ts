import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs'
import type { LossTermName } from '../../../src-shared/reports.ts'
import type { ExitOutput, Moments } from '../model/forward.ts'
import type { Network } from '../model/layer.ts'
import { tensorSpecs } from '../model/tensor-specs.ts'
import type { NetworkState } from '../model/weights.ts'
import type { SgdOptions } from '../backend/ops/sgd.ts'
import { factorOf, nextLossScale, type LossScale } from './loss-scale.ts'
import { termLayout, type Losses, type Objective } from './losses.ts'
import { sharpnessPerturbations } from './losses/sharpness-aware.ts'
import { peerPrefix } from './trained-tensors.ts'
import { runStudent, type FrozenState, type Pass, type PassInputs } from './student.ts'

type Tf = typeof import('@tensorflow/tfjs')

/** A network in training: its tensors, those of what the method adds, and the optimiser's by the same names. */
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
  weighted: Partial<Record<LossTermName, number>>
  trainAccuracy: number[]
  gradientMagnitude: number[]
}

/** Momentum of BatchNorm's running statistics, PyTorch's default. */
const statisticsMomentum = 0.1

/** One training step: a pure function of state and inputs. The old state stays with the caller, who disposes it. */
export function trainingStep(
  pass: Pass,
  sgd: SgdOptions,
  state: TrainingState,
  teacher: FrozenState | null,
  { images, labels, learningRate }: StepInputs
): { state: TrainingState; metrics: Tensor1D } {
  const { tf, ops, network, objective } = pass
  const before = state.network
  const names = [...before.parameters.keys()]
  const scale = state.lossScale
  const moments: Moments = new Map()
  let reported: Tensor1D | undefined
  const parameters = new Map<string, Tensor>()
  const velocity = new Map<string, Tensor>()
  const statistics = new Map<string, Tensor1D>()
  const gradientSums = new Map<string, Scalar>()
  let lossScale: LossScale | null = null

  /** Gradients of the loss at some parameters, each times the loss's factor. */
  const differentiate = (trained: Map<string, Tensor>, heard: Moments, onLosses?: OnLosses): Tensor[] => {
    const inputs: PassInputs = { trained, statistics: before.statistics, teacher, images, labels }
    const { grads } = tf.engine().gradients(
      () => {
        const { losses, outputs } = runStudent(pass, inputs, heard)
        onLosses?.(losses, outputs)
        return scale ? tf.mul(losses.total, factorOf(tf, scale)) : losses.total
      },
      names.map((name) => trained.get(name)!)
    )
    return grads
  }

  const metrics = tf.tidy(() => {
    let gradients = differentiate(before.parameters, moments, (losses, outputs) => {
      reported = tf.keep(packLosses(tf, losses, outputs, labels))
    })
    if (objective.samRadius) {
      // BatchNorm's statistics follow the first pass only, as in the public code for PyTorch (davda54/sam).
      const unheard: Moments = new Map()
      const moved = new Map(before.parameters)
      // Two students look for flat minima each on its own.
      for (const isPeer of [false, true]) {
        const own = names.flatMap((name, index) => (name.startsWith(peerPrefix) === isPeer ? [{ name, index }] : []))
        if (!own.length) continue
        const slopes = own.map(({ index }) => gradients[index]!)
        const steps = sharpnessPerturbations(tf, slopes, objective.samRadius)
        own.forEach(({ name }, at) => moved.set(name, tf.add(before.parameters.get(name)!, steps[at]!)))
      }
      gradients = differentiate(moved, unheard)
      tf.dispose([...unheard.values()])
    }
    const shrink = scale && tf.div(1, factorOf(tf, scale))
    names.forEach((name, index) => {
      const gradient = shrink ? tf.mul(gradients[index]!, shrink) : gradients[index]!
      const updated = ops.sgd(before.parameters.get(name)!, state.velocity.get(name)!, gradient, learningRate, sgd)
      parameters.set(name, updated.weight)
      velocity.set(name, updated.velocity)
      gradientSums.set(name, updated.gradientSum)
    })
    if (scale) {
      const isGood = tf.isFinite(tf.addN([...gradientSums.values()]))
      for (const [kept, old] of [
        [parameters, before.parameters],
        [velocity, state.velocity]
      ] as const)
        for (const [name, tensor] of kept) kept.set(name, tf.where(isGood, tensor, old.get(name)!))
      lossScale = tf.keep(nextLossScale(tf, scale, isGood))
    }
    for (const tensor of [...parameters.values(), ...velocity.values()]) tf.keep(tensor)
    for (const [name, old] of before.statistics) {
      const fresh = moments.get(name)!
      const moved = tf.add(tf.mul(old, 1 - statisticsMomentum), tf.mul(fresh, statisticsMomentum))
      statistics.set(name, tf.keep(moved) as Tensor1D)
    }
    return tf.concat1d([reported!, stageMagnitudes(tf, network, gradientSums)])
  })
  tf.dispose(reported!)
  tf.dispose([...moments.values()])
  const batchesTracked = before.batchesTracked + 1
  return { state: { network: { parameters, statistics, batchesTracked }, velocity, lossScale }, metrics }
}

type OnLosses = (losses: Losses, outputs: ExitOutput[]) => void

/** The vector that `trainingStep` gives, as numbers, and frees it; waits for the step to end. */
export async function readMetrics(network: Network, objective: Objective, metrics: Tensor1D): Promise<StepMetrics> {
  const values = [...(await metrics.data())]
  metrics.dispose()
  const exits = network.exits.length
  const layout = termLayout(objective, exits)
  const take = (count: number) => values.splice(0, count)
  return {
    total: take(1)[0]!,
    crossEntropy: take(layout.crossEntropy),
    kl: take(layout.kl),
    hint: take(layout.hint),
    weighted: Object.fromEntries(layout.weighted.map((term) => [term, take(1)[0]!])),
    trainAccuracy: take(exits),
    gradientMagnitude: take(network.stages.length + 1)
  }
}

function packLosses(tf: Tf, losses: Losses, outputs: ExitOutput[], labels: Tensor1D): Tensor1D {
  const accuracies = outputs.map(({ logits }) =>
    tf.mean(tf.cast(tf.equal(tf.argMax(logits as Tensor2D, 1), labels), 'float32'))
  )
  const { total, crossEntropy, kl, hint, weighted } = losses
  return tf.stack([
    total,
    ...crossEntropy,
    ...kl,
    ...hint,
    ...weighted.map(([, value]) => value),
    ...accuracies
  ]) as Tensor1D
}

/** Mean |gradient| over the backbone's convolution weights of the stem and of each stage; 0 where there are none. */
function stageMagnitudes(tf: Tf, network: Network, gradientSums: Map<string, Scalar>): Tensor1D {
  const perStage: Scalar[][] = Array.from({ length: network.stages.length + 1 }, () => [])
  const counts = perStage.map(() => 0)
  for (const { name, role, part, stage, shape } of tensorSpecs(network)) {
    if (role !== 'convolution' || part !== 'backbone') continue
    perStage[stage]!.push(gradientSums.get(name)!)
    counts[stage]! += shape.reduce((a, b) => a * b, 1)
  }
  const means = perStage.map((sums, stage) => (sums.length ? tf.div(tf.addN(sums), counts[stage]!) : tf.scalar(0)))
  return tf.stack(means) as Tensor1D
}
