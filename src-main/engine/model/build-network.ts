import { UsageError } from '../../../src-shared/errors.ts'
import { checkedSize, headProblem, specProblem } from '../../../src-shared/networks/check-spec.ts'
import type { Member } from '../../../src-shared/networks/families/family.ts'
import type { HeadName, NetworkSpec } from '../../../src-shared/networks/network-spec.ts'
import { buildBlocks } from './blocks/build-blocks.ts'
import { stagePlaces, type Place } from './follow.ts'
import { buildHead, deepestClassifier, type HeadChoice } from './heads/head.ts'
import type { Exit, Network } from './layer.ts'
import { tensorSpecs } from './tensor-specs.ts'

export type NetworkOptions = {
  member: Member
  /** Channels of the first stage, as it was asked for. */
  width: number
  classes: number
  inputChannels: number
  /** Side of the images that heads are made for, pixels; 32 where nobody knows. */
  size?: number | undefined
  /** `all` hangs the exits on that the structure has, `deepest` the last one only. */
  exits: 'all' | 'deepest'
  /** What all shallow exits have, in place of what the structure says. */
  head?: HeadName | undefined
  headWidth?: number | undefined
  attention?: boolean | undefined
}

/** A network's layers from its structure. Throws UsageError where blocks or heads do not fit together. */
export function buildNetwork(options: NetworkOptions): Network {
  const { member, width, classes, inputChannels, size = checkedSize } = options
  const { spec } = member
  const problem = specProblem(spec, size)
  if (problem) throw new UsageError(`${member.title} can't be built: ${problem.message}.`)
  const stem = buildBlocks(spec.stem ?? [], 'stem', inputChannels)
  let channels = stem.channels
  const stages = spec.stages.map((blocks, index) => {
    const built = buildBlocks(blocks, `layer${index + 1}`, channels)
    channels = built.channels
    return built.layers
  })
  const { exits, heads } = buildExits(
    options,
    stagePlaces({ stem: stem.layers, stages }, { size, channels: inputChannels })
  )
  const { family, depth, title } = member
  const network = { family, depth, width, title, heads, classes, inputChannels, stem: stem.layers, stages, exits }
  requireOwnNames(network)
  return network
}

/** A name given to a block may be one that others get by themselves. */
function requireOwnNames(network: Network): void {
  const seen = new Set<string>()
  for (const { name } of tensorSpecs(network)) {
    if (seen.has(name))
      throw new UsageError(`${network.title} can't be built: two of its tensors are called ${name}; rename a block.`)
    seen.add(name)
  }
}

function buildExits(options: NetworkOptions, places: Place[]): { exits: Exit[]; heads: Network['heads'] } {
  const { member, classes, exits: which } = options
  const deepest = places.at(-1)!
  const choices = which === 'all' ? choicesOf(member.spec, options) : []
  const shallow = choices.map(({ stage, ...choice }): Exit => {
    const { size, channels: from } = places[stage - 1]!
    const problem = headProblem(choice.head, size, deepest.size)
    if (problem) throw new UsageError(`Exit ${stage} of ${member.title} can't be built: ${problem}.`)
    const later = places.slice(stage)
    const way = later.map((place, index) => ({
      channels: place.channels,
      ratio: (later[index - 1]?.size ?? size) / place.size
    }))
    const to = deepest.channels
    const { layers, classifier } = buildHead(choice, stage, { from, to, ratio: size / deepest.size, way })
    const inFeatures = choice.head === 'linear' ? from : to
    return {
      exit: stage,
      head: layers,
      classifier: { kind: 'linear', name: classifier, inFeatures, outFeatures: classes }
    }
  })
  const kinds = [...new Set(choices.map(({ head }) => head))]
  const name = deepestClassifier(kinds[0] ?? 'none', places.length)
  const last: Exit = {
    exit: places.length,
    head: [],
    classifier: { kind: 'linear', name, inFeatures: deepest.channels, outFeatures: classes }
  }
  return { exits: [...shallow, last], heads: kinds.length > 1 ? 'mixed' : (kinds[0] ?? 'none') }
}

/** The shallow exits, from shallow to deep: the structure's, or one on every stage. */
function choicesOf(
  spec: NetworkSpec,
  { head, headWidth, attention }: NetworkOptions
): (HeadChoice & { stage: number })[] {
  const last = spec.stages.length
  const listed = spec.exits ?? Array.from({ length: last }, (_, index) => ({ stage: index + 1 }))
  return [...listed]
    .sort((a, b) => a.stage - b.stage)
    .filter(({ stage }) => stage < last)
    .map((own: NonNullable<NetworkSpec['exits']>[number]) => ({
      stage: own.stage,
      head: head ?? own.head ?? 'bottleneck',
      width: headWidth ?? own.width,
      attention: attention ?? own.attention ?? true
    }))
}
