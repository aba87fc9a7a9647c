import { freshWeights } from '../../model/initialize.ts'
import type { Network } from '../../model/layer.ts'
import { tensorSpecs, type TensorSpec } from '../../model/tensor-specs.ts'
import type { Weights } from '../../model/weights.ts'
import { isUnused } from './compare-tensors.ts'

/** Of tensors that nothing uses, made where a file lacks them. */
const seed = 0

/**
 * A network's tensors as the public class that has such names asks for in a strict load, in its order: with the shortcuts
 * `downsample1_1` and so on that luanyunteng's class makes and never uses (as in the file, else initialised as there: He et
 * al., fan out), with every BatchNorm's counter, and with the journal version's layers for training where the file has them.
 */
export function publicTensors(network: Network, weights: Weights): Weights {
  const specs = inPublicOrder(network)
  const fresh = freshWeights(
    specs.filter(({ name }) => !weights.has(name)),
    seed
  )
  const tensors: Weights = new Map()
  for (const { name } of specs) tensors.set(name, weights.get(name) ?? fresh.get(name)!)
  for (const [name, weight] of weights) if (!tensors.has(name) && isKept(name)) tensors.set(name, weight)
  return tensors
}

const isKept = (name: string): boolean => isUnused(name) && /(^|\.)adaptation_layers\./.test(name)

function inPublicOrder(network: Network): TensorSpec[] {
  const specs = tensorSpecs(network)
  const body = specs.filter(({ part }) => part === 'backbone')
  const heads = specs.filter(({ part }) => part === 'head')
  if (network.heads === 'sepconv' || network.heads === 'scan') {
    // The classes define all heads of a kind before those of the next.
    const kinds = ['scala', 'attention', 'fc'].map((kind) => heads.filter(({ name }) => name.startsWith(kind)))
    return kinds.flat().length === heads.length ? [...body, ...kinds.flat()] : specs
  }
  if (!isBeYourOwnTeacher(network)) return specs
  return [...body, ...heads.flatMap((spec) => [...shortcutBefore(spec, network), spec])]
}

/** luanyunteng's class: a ResNet of four stages, its heads of three convolutions. */
function isBeYourOwnTeacher({ family, exits, stages, heads }: Network): boolean {
  const names = exits.map(({ classifier }) => classifier.name).join(' ')
  return (
    family === 'ResNet' &&
    stages.length === 4 &&
    heads === 'bottleneck' &&
    names === 'middle_fc1 middle_fc2 middle_fc3 fc'
  )
}

/** The unused shortcut that the class defines before a head's first tensor. */
function shortcutBefore({ name, shape, stage }: TensorSpec, network: Network): TensorSpec[] {
  if (name !== `bottleneck${stage}_1.0.weight`) return []
  const [inChannels, outChannels] = [shape[1]!, network.exits.at(-1)!.classifier.inFeatures]
  const spec = (last: string, role: TensorSpec['role'], of: number[]): TensorSpec => {
    return { name: `downsample${stage}_1.${last}`, shape: of, role, stage, part: 'head' }
  }
  return [
    spec('0.weight', 'convolution', [outChannels, inChannels, 1, 1]),
    spec('1.weight', 'normalization', [outChannels]),
    spec('1.bias', 'normalization', [outChannels]),
    spec('1.running_mean', 'statistic', [outChannels]),
    spec('1.running_var', 'statistic', [outChannels]),
    spec('1.num_batches_tracked', 'counter', [])
  ]
}
