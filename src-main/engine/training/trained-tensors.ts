import { distillationForms } from '../../../src-shared/science/distillation-loss.ts'
import type { Network } from '../model/layer.ts'
import { stagePlaces } from '../model/follow.ts'
import { tensorSpecs, type TensorSpec } from '../model/tensor-specs.ts'
import type { Objective } from './losses.ts'

/** Names of tensors that training alone needs have a slash, which no network's name has. */
export const isTrainingOnly = (name: string): boolean => name.includes('/')

/** The second student of mutual learning. */
export const peerPrefix = 'peer/'

/** What brings the features of a shallow exit to the deepest ones before the hint compares them; 0-based. */
export const adapterName = (exitIndex: number): string => `adapter/${exitIndex}`

/** The 1x1 convolution and the BatchNorm between the student's map and the teacher's. */
export const regressorNames = { convolution: 'regressor/0', norm: 'regressor/1' } as const

/** True where the loss has a linear layer per shallow exit of its own. */
export const hasAdapters = ({ method, distillation }: Objective): boolean =>
  method === 'self-distillation' &&
  distillationForms[distillation.form ?? 'autodidact-default'].adapters &&
  distillation.hintOn !== 'maps'

/** Every tensor that training moves: the network's, and those of what the method adds. */
export function trainedSpecs(network: Network, objective: Objective, teacher: Network | null): TensorSpec[] {
  const own = tensorSpecs(network)
  const extra: TensorSpec[] = []
  if (objective.method === 'mutual-learning')
    extra.push(...own.map((spec) => ({ ...spec, name: `${peerPrefix}${spec.name}` })))
  const deepest = network.exits.at(-1)!.classifier.inFeatures
  if (hasAdapters(objective))
    network.exits.slice(0, -1).forEach(({ exit, classifier }, index) => {
      const at = { stage: exit, part: 'head' } as const
      const name = adapterName(index)
      extra.push({ ...at, name: `${name}.weight`, role: 'linear', shape: [deepest, classifier.inFeatures] })
      extra.push({ ...at, name: `${name}.bias`, role: 'bias', shape: [deepest] })
    })
  if (objective.method === 'fitnets' && teacher && objective.teacher) {
    const { stage } = objective.teacher
    const [from, to] = [channelsAt(network, stage), channelsAt(teacher, stage)]
    const at = { stage, part: 'head' } as const
    const { convolution, norm } = regressorNames
    extra.push({ ...at, name: `${convolution}.weight`, role: 'convolution', shape: [to, from, 1, 1] })
    extra.push({ ...at, name: `${convolution}.bias`, role: 'bias', shape: [to] })
    extra.push({ ...at, name: `${norm}.weight`, role: 'normalization', shape: [to] })
    extra.push({ ...at, name: `${norm}.bias`, role: 'normalization', shape: [to] })
  }
  return [...own, ...extra]
}

/** Side of the images that are followed here; channels do not depend on it. */
const anySize = 64

const channelsAt = (network: Network, stage: number): number =>
  stagePlaces(network, { size: anySize, channels: network.inputChannels })[stage - 1]!.channels
