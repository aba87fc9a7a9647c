import type { Exit, Layer, Network } from './layer.ts'

/** A piece of a network: multiply-adds of its convolutions and linear layers for one image, and all it can train. */
export type Cost = { multiplyAdds: number; parameters: number }

/** What one image costs up to an exit; acceleration and compression are over the network with its deepest exit only. */
export type ExitCost = Cost & { exit: number; acceleration: number; compression: number }

/** Costs of every exit for square images of `size` pixels (SCIENCE section 1, 'Scalable depth'). */
export function exitCosts(network: Network, size = 32): { full: Cost; exits: ExitCost[]; ensemble: Cost } {
  const stem = layersCost(network.stem, size)
  let at = stem.size
  let backbone: Cost = stem
  const exits: Omit<ExitCost, 'acceleration' | 'compression'>[] = []
  const heads: Cost[] = []
  network.stages.forEach((layers, index) => {
    const stage = layersCost(layers, at)
    at = stage.size
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
    ensemble: heads.reduce(sum, backbone)
  }
}

const sum = (a: Cost, b: Cost): Cost => ({
  multiplyAdds: a.multiplyAdds + b.multiplyAdds,
  parameters: a.parameters + b.parameters
})

function headCost({ head, classifier }: Exit, size: number): Cost {
  const weights = classifier.inFeatures * classifier.outFeatures
  return sum(layersCost(head, size), { multiplyAdds: weights, parameters: weights + classifier.outFeatures })
}

function layersCost(layers: Layer[], size: number): Cost & { size: number } {
  return layers.reduce(
    (before, layer) => {
      if (layer.kind === 'convolution') {
        const out = Math.floor((before.size + 2 * layer.padding - layer.kernel) / layer.stride) + 1
        const weights = layer.kernel ** 2 * layer.inChannels * layer.outChannels
        const parameters = weights + (layer.bias ? layer.outChannels : 0)
        return { ...sum(before, { multiplyAdds: weights * out * out, parameters }), size: out }
      }
      if (layer.kind === 'batchNorm')
        return { ...sum(before, { multiplyAdds: 0, parameters: 2 * layer.channels }), size: before.size }
      if (layer.kind === 'residual') {
        const body = layersCost(layer.body, before.size)
        return { ...sum(sum(before, body), layersCost(layer.shortcut, before.size)), size: body.size }
      }
      return before
    },
    { multiplyAdds: 0, parameters: 0, size }
  )
}
