import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs'
import type { Preprocessing } from '../../../src-shared/preprocessing.ts'
import type { Ops } from '../backend/ops/ops.ts'
import { forward, type ExitOutput, type Moments } from '../model/forward.ts'
import type { Network } from '../model/layer.ts'
import type { NetworkState } from '../model/weights.ts'
import { computeLosses, type Losses, type Objective, type Surroundings } from './losses.ts'
import { smoothLabels } from './losses/label-smoothing.ts'
import { adapterName, hasAdapters, peerPrefix, regressorNames } from './trained-tensors.ts'

type Tf = typeof import('@tensorflow/tfjs')

/** A network that teaches and is not trained; `prepare` brings the student's images to what it expects. */
export type FrozenNetwork = { network: Network; prepare: (images: Tensor4D) => Tensor4D }

/** The tensors of a network that is not trained. */
export type FrozenState = Pick<NetworkState, 'parameters' | 'statistics'>

/** What a pass through the student is made of. */
export type Pass = {
  tf: Tf
  ops: Ops
  network: Network
  objective: Objective
  frozen: FrozenNetwork | null
}

/** What it is computed from: `trained` holds every parameter that the method trains, `statistics` theirs. */
export type PassInputs = {
  trained: Map<string, Tensor>
  statistics: Map<string, Tensor1D>
  teacher: FrozenState | null
  images: Tensor4D
  labels: Tensor1D
}

/** Runs the student, and what teaches it, on one batch. `moments` hears of every BatchNorm, the peer's by its prefix. */
export function runStudent(
  { tf, ops, network, objective, frozen }: Pass,
  { trained, statistics, teacher, images, labels }: PassInputs,
  moments: Moments
): { losses: Losses; outputs: ExitOutput[] } {
  const oneHot = tf.oneHot(labels, network.classes).toFloat() as Tensor2D
  const targets = objective.labelSmoothing ? smoothLabels(tf, oneHot, objective.labelSmoothing) : oneHot
  const maps: Tensor4D[] = []
  const state = { parameters: trained, statistics, batchesTracked: 0 }
  const outputs = forward(
    tf,
    ops,
    network,
    state,
    images,
    { kind: 'train', moments },
    { onStage: (map) => maps.push(map) }
  )
  const around: Surroundings = { maps }
  if (frozen && teacher) {
    const theirs: Tensor4D[] = []
    const seen = forward(
      tf,
      ops,
      frozen.network,
      { ...teacher, batchesTracked: 0 },
      frozen.prepare(images),
      { kind: 'evaluate' },
      {
        onStage: (map) => theirs.push(ops.stopGradient(map))
      }
    )
    around.teacher = { logits: ops.stopGradient(seen.at(-1)!.logits), maps: theirs }
  }
  if (objective.method === 'mutual-learning') {
    const ofPeer: Moments = new Map()
    const peer = { parameters: withoutPrefix(trained), statistics: withoutPrefix(statistics), batchesTracked: 0 }
    around.peer = forward(tf, ops, network, peer, images, { kind: 'train', moments: ofPeer }).at(-1)!.logits
    for (const [name, moment] of ofPeer) moments.set(`${peerPrefix}${name}`, moment)
  }
  const get = (name: string) => trained.get(name)!
  if (hasAdapters(objective))
    around.adapt = (index, features) => {
      const name = adapterName(index)
      const product = tf.matMul(features, get(`${name}.weight`) as Tensor2D, false, true)
      return tf.add(product, get(`${name}.bias`))
    }
  if (objective.method === 'fitnets') around.regress = (map) => regress(tf, ops, trained, map)
  return { losses: computeLosses(tf, ops, outputs, targets, objective, around), outputs }
}

/** RepDistiller's regressor: 1x1 convolution, BatchNorm with the batch's moments, ReLU. */
function regress(tf: Tf, ops: Ops, trained: Map<string, Tensor>, map: Tensor4D): Tensor4D {
  const { convolution, norm } = regressorNames
  const get = (name: string) => trained.get(name)!
  const options = { stride: 1, padding: 0, needsInputGradient: true }
  const y = tf.add(
    ops.conv2d(map, get(`${convolution}.weight`) as Tensor4D, options),
    get(`${convolution}.bias`)
  ) as Tensor4D
  const normalized = ops.batchNormTrain(y, get(`${norm}.weight`) as Tensor1D, get(`${norm}.bias`) as Tensor1D)
  tf.dispose([normalized.mean, normalized.variance])
  return ops.relu(normalized.y)
}

const withoutPrefix = <T>(tensors: Map<string, T>): Map<string, T> =>
  new Map(
    [...tensors]
      .filter(([name]) => name.startsWith(peerPrefix))
      .map(([name, tensor]) => [name.slice(peerPrefix.length), tensor])
  )

/** How images prepared in one way become those prepared in another: per channel a factor and a summand. */
export function conversion(tf: Tf, from: Preprocessing, to: Preprocessing | undefined): (images: Tensor4D) => Tensor4D {
  if (!to || (String(to.mean) === String(from.mean) && String(to.deviation) === String(from.deviation)))
    return (images) => images
  const factor = from.deviation.map((deviation, index) => (deviation || 1) / (to.deviation[index] || 1))
  const summand = from.mean.map((mean, index) => (mean - (to.mean[index] ?? 0)) / (to.deviation[index] || 1))
  return (images) => tf.add(tf.mul(images, tf.tensor1d(factor)), tf.tensor1d(summand))
}
