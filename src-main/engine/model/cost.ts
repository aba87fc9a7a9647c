import { follow, type Place } from './follow.ts'
import { graphCosts } from './graph/graph-cost.ts'
import type { Exit, Layer, Network } from './layer.ts'

/** A piece of a network: multiply-adds of its convolutions and linear layers for one image, and all it can train. */
export type Cost = { multiplyAdds: number; parameters: number }

/** What one image costs up to an exit; acceleration and compression are over the network with its deepest exit only. */
export type ExitCost = Cost & { exit: number; acceleration: number; compression: number }

/** A stage: what it gives (side and channels of its features) and what it costs, without its exit's head. */
export type StageCost = Cost & Place & { stage: number; convolutions: number }

export type NetworkCost = {
  full: Cost
  exits: ExitCost[]
  ensemble: Cost
  stem: Cost & Place & { convolutions: number }
  stages: StageCost[]
}

/** Costs of every stage and exit for square images of `size` pixels (SCIENCE section 1, 'Scalable depth'). */
export function exitCosts(network: Network, size = network.graph?.input.size ?? 32): NetworkCost {
  if (network.graph) return graphCosts(network.graph, size)
  const stem = layersCost(network.stem, { size, channels: network.inputChannels })
  let at: Place = stem
  let backbone: Cost = stem
  const exits: Omit<ExitCost, 'acceleration' | 'compression'>[] = []
  const stages: StageCost[] = []
  const heads: Cost[] = []
  network.stages.forEach((layers, index) => {
    const stage = layersCost(layers, at)
    stages.push({ stage: index + 1, ...stage })
    at = stage
    backbone = sum(backbone, stage)
    const found = network.exits.find(({ exit }) => exit === index + 1)
    if (!found) return
    const head = headCost(found, at)
    heads.push(head)
    exits.push({ exit: found.exit, ...sum(backbone, head) })
  })
  const full: Cost = exits.at(-1) ?? backbone
  return {
    full: { multiplyAdds: full.multiplyAdds, parameters: full.parameters },
    exits: exits.map((cost) => ({
      ...cost,
      acceleration: full.multiplyAdds / cost.multiplyAdds,
      compression: full.parameters / cost.parameters
    })),
    ensemble: heads.reduce(sum, sum(backbone, { multiplyAdds: 0, parameters: 0 })),
    stem,
    stages
  }
}

const sum = (a: Cost, b: Cost): Cost => ({
  multiplyAdds: a.multiplyAdds + b.multiplyAdds,
  parameters: a.parameters + b.parameters
})

function headCost({ head, classifier }: Exit, at: Place): Cost {
  const layers = layersCost(head, at)
  const weights = classifier.inFeatures * classifier.outFeatures
  const multiplyAdds = classifier.isPointwise ? weights * layers.size ** 2 : weights
  return sum(layers, { multiplyAdds, parameters: weights + classifier.outFeatures })
}

function layersCost(layers: Layer[], from: Place): Cost & Place & { convolutions: number } {
  const cost = { multiplyAdds: 0, parameters: 0, convolutions: 0 }
  const to = follow(layers, from, (layer, before, after) => {
    if (layer.kind === 'batchNorm') cost.parameters += 2 * layer.channels
    if (layer.kind !== 'convolution' && layer.kind !== 'transposedConvolution') return
    const groups = layer.kind === 'convolution' ? (layer.groups ?? 1) : 1
    const weights = (layer.kernel ** 2 * layer.inChannels * layer.outChannels) / groups
    // Every weight is used once for each pixel of the result; of a transposed convolution, of the input.
    const pixels = layer.kind === 'convolution' ? after.size ** 2 : before.size ** 2
    cost.multiplyAdds += weights * pixels
    cost.parameters += weights + (layer.bias ? layer.outChannels : 0)
    cost.convolutions += 1
  })
  return { ...cost, size: to.size, channels: to.channels }
}
