import type { EngineRequest, EngineResult } from '../../../src-shared/contract.ts'
import { openCheckpoint } from '../checkpoint/checkpoint.ts'
import { exitCosts } from '../model/cost.ts'

/** What a checkpoint is. Tensors of a network unknown here are listed; its other figures are 0. */
export async function inspect({ path }: EngineRequest<'inspect'>): Promise<EngineResult<'inspect'>> {
  const { format, network, tensors, preprocessing } = await openCheckpoint(path)
  if (!network) {
    const unknown = { depth: 0, width: 0, classes: 0, inputChannels: 0, parameters: 0, multiplyAdds: 0 }
    return { format, family: 'unknown', heads: 'unknown', ...unknown, exits: [], tensors }
  }
  const { family, title, depth, width, heads, classes, inputChannels } = network
  const { full, exits } = exitCosts(network, preprocessing?.size)
  return { format, family, title, depth, width, heads, classes, inputChannels, ...full, exits, tensors }
}
