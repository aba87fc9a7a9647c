import { UsageError } from '../errors.ts'
import type { Family, Member, NetworkForm } from './families/family.ts'
import { mobilenet } from './families/mobilenet.ts'
import { plainCnn } from './families/plain-cnn.ts'
import { pyramidnet } from './families/pyramidnet.ts'
import { resnet } from './families/resnet.ts'
import { resnext } from './families/resnext.ts'
import { squeezenet } from './families/squeezenet.ts'
import { vgg } from './families/vgg.ts'
import { wideResnet } from './families/wide-resnet.ts'
import { scaleChannels, stageChannels, type NetworkSpec } from './network-spec.ts'

const families: readonly Family[] = [resnet, resnext, wideResnet, pyramidnet, vgg, mobilenet, squeezenet, plainCnn]

/** Networks of the papers, by name; other members of ResNeXt, Wide ResNet and PyramidNet are named likewise. */
export const networkNames = [
  'resnet18',
  'resnet34',
  'resnet50',
  'resnet101',
  'resnet152',
  'resnext29-8x64d',
  'resnext50-32x4d',
  'wrn20-8',
  'wrn44-8',
  'wrn28-12',
  'pyramidnet101-240',
  'vgg16',
  'vgg19',
  'mobilenet',
  'squeezenet',
  'squeezenet-bn',
  'cnn'
] as const

/** The name of a network that is given as data. */
export const customNetwork = 'custom'

/** What decides a network's structure. */
export type NetworkStructure = {
  name: string
  width: number
  form?: NetworkForm | undefined
  /** Of the name `custom`. */
  spec?: NetworkSpec | undefined
}

function find(name: string): { family: Family; match: RegExpExecArray } | null {
  for (const family of families) {
    const match = family.pattern.exec(name)
    if (match) return { family, match }
  }
  return null
}

/** Why a name is no network's, one sentence; null where it is one. */
export function nameProblem(name: string): string | null {
  if (name === customNetwork) return null
  const found = find(name)
  if (!found) return `There is no network named ${JSON.stringify(name)}; known are ${networkNames.join(', ')}.`
  const problem = found.family.problem?.(found.match) ?? null
  return problem && `${name} ${problem}.`
}

/** Channels of the first stage in the network's paper. Throws UsageError where there is no such network. */
export function paperWidth(name: string): number {
  const found = find(name)
  if (!found) throw new UsageError(nameProblem(name) ?? `${name} has no width of its own.`)
  return found.family.paperWidth(found.match)
}

/** The structure of a network as data. Throws UsageError where there is no such network. */
export function findNetwork({ name, width, form = 'cifar', spec }: NetworkStructure): Member {
  if (name === customNetwork) {
    if (!spec) throw new UsageError('A network of your own needs its description, a JSON file.')
    const own = ownWidth(spec)
    return {
      family: 'custom',
      depth: 0,
      title: spec.name,
      spec: own === width ? spec : scaleChannels(spec, width / own)
    }
  }
  const problem = nameProblem(name)
  const found = find(name)
  if (problem || !found) throw new UsageError(problem ?? name)
  return found.family.build(found.match, { width, form })
}

/** The width of a network that is given as data: as it says, else the channels of its first stage. */
export const ownWidth = (spec: NetworkSpec): number => spec.width ?? stageChannels(spec, 1)[1]!

/** Length of the deepest exit's features. */
export const featureCount = (structure: NetworkStructure): number =>
  stageChannels(findNetwork(structure).spec, 1).at(-1)!
