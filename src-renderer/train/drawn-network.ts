import type { LibraryItem } from '../../src-shared/library.ts'
import { needsTeacher, type RunConfig } from '../../src-shared/run-config.ts'
import { exitsOf, headOf, stageCount } from './network-facts.ts'
import type { DrawnExit, DrawnExtra, DrawnNetwork, DrawnPart } from './network-drawing.ts'
import { headWords } from './network-words.ts'
import type { NetworkPreview } from './preview.svelte.ts'
import { formatShort } from './quantities.ts'

/** What is drawn of what the engine says, with the method that is chosen and the checkpoints that may teach. */
export function drawnNetwork(
  preview: NetworkPreview,
  config: RunConfig,
  chosen: Pick<RunConfig, 'method'> & { teacher: string },
  imageChannels: number,
  items: readonly Pick<LibraryItem, 'path' | 'name' | 'network'>[]
): DrawnNetwork {
  const { stem, stages, size } = preview
  const image: DrawnPart = { title: 'Image', size, channels: imageChannels, parameters: '', multiplyAdds: '' }
  const partOf = (title: string, cost: NetworkPreview['stem']): DrawnPart => ({
    ...{ title, size: cost.size, channels: cost.channels },
    ...{ parameters: formatShort(cost.parameters), multiplyAdds: formatShort(cost.multiplyAdds) }
  })
  return {
    parts: [image, ...(stem.convolutions > 0 ? [partOf('Stem', stem)] : [])],
    stages: stages.map((stage, index) => partOf(`Stage ${index + 1}`, stage)),
    exits: drawnExits(preview, config),
    extra: drawnExtra(config, chosen, items)
  }
}

function drawnExits({ stem, stages, exits }: NetworkPreview, config: RunConfig): DrawnExit[] {
  return exits.map(({ exit, parameters, acceleration }): DrawnExit => {
    const backbone = stages.slice(0, exit).reduce((sum, stage) => sum + stage.parameters, stem.parameters)
    const isDeepest = exit === stages.length
    return {
      stage: exit,
      head: isDeepest ? 'linear' : headWords[headOf(config, exit)].short,
      parameters: formatShort(parameters - backbone),
      speedup: isDeepest
        ? 'whole network'
        : acceleration >= 1.005
          ? `${acceleration.toFixed(acceleration < 1.095 ? 2 : 1)}× faster`
          : `${acceleration.toFixed(2)}× as fast`
    }
  })
}

/** What training adds beside the network, dashed in the drawing. */
function drawnExtra(
  config: RunConfig,
  { method, teacher }: Pick<RunConfig, 'method'> & { teacher: string },
  items: readonly Pick<LibraryItem, 'path' | 'name' | 'network'>[]
): DrawnExtra | null {
  const last = stageCount(config.network)
  const deepest = [{ stage: last, what: 'exit' as const }]
  const network = { isNetwork: true, isMutual: false }
  if (method === 'self-distillation') {
    const shallow = exitsOf({ network: config.network, method }).slice(0, -1)
    if (shallow.length === 0) return null
    return {
      text: `Exit ${last} teaches the others, while training only`,
      targets: shallow.map((stage) => ({ stage, what: 'exit' })),
      isNetwork: false,
      isMutual: false
    }
  }
  if (method === 'mutual-learning')
    return {
      ...network,
      isMutual: true,
      text: 'Peer: the same network from other weights, left out afterwards',
      targets: deepest
    }
  if (method === 'self-distillation-rounds')
    return { ...network, text: 'Teacher: the network of the round before', targets: deepest }
  if (!needsTeacher(method)) return null
  const found = items.find(({ path }) => path === teacher)
  const name = found
    ? [found.name, found.network].filter(Boolean).join(', ')
    : teacher.split(/[\\/]/).filter(Boolean).at(-1)
  const all = Array.from({ length: last }, (_, index) => ({ stage: index + 1, what: 'features' as const }))
  const targets =
    method === 'kd'
      ? deepest
      : method === 'attention-transfer'
        ? all
        : all.filter(({ stage }) => stage === (config.teacher?.stage ?? 2))
  return { ...network, text: `Teacher: ${name ?? 'to be chosen'}`, targets: targets.length > 0 ? targets : deepest }
}
