import { follow, type OnLayer } from './follow.ts'
import { graphActivations } from './graph/graph-cost.ts'
import type { Network } from './layer.ts'

/** Bytes of the largest tensor between two layers, for one square image of `size` pixels. */
export function largestActivation(network: Network, size: number): number {
  if (network.graph) return graphActivations(network.graph, size).largest
  let largest = 0
  visit(network, size, (_, __, to) => (largest = Math.max(largest, 4 * to.size ** 2 * to.channels)))
  return largest
}

/**
 * Bytes that a training step keeps of one square image of `size` pixels: every layer's output, which the way back needs,
 * and as much again for the largest while it is differentiated.
 */
export function keptActivations(network: Network, size: number): number {
  if (network.graph) return graphActivations(network.graph, size).kept
  let kept = 0
  // A ReLU's output stands for its input; pieces with parts are counted in their parts.
  visit(network, size, (layer, _, to) => {
    if (layer.kind !== 'gate' && layer.kind !== 'padChannels') kept += 4 * to.size ** 2 * to.channels
  })
  return kept
}

function visit(network: Network, size: number, onLayer: OnLayer): void {
  let at = follow(network.stem, { size, channels: network.inputChannels }, onLayer)
  network.stages.forEach((layers, index) => {
    at = follow(layers, at, onLayer)
    const found = network.exits.find(({ exit }) => exit === index + 1)
    if (found) follow(found.head, at, onLayer)
  })
}
