import type { Layer, Network } from './layer.ts'

/** Bytes of the largest tensor between two layers, for one square image of `size` pixels. */
export function largestActivation(network: Network, size: number): number {
  let largest = 0
  const through = (layers: Layer[], from: number): number =>
    layers.reduce((at, layer) => {
      if (layer.kind === 'residual') {
        through(layer.shortcut, at)
        return through(layer.body, at)
      }
      if (layer.kind !== 'convolution') return at
      const out = Math.floor((at + 2 * layer.padding - layer.kernel) / layer.stride) + 1
      largest = Math.max(largest, 4 * out * out * layer.outChannels)
      return out
    }, from)
  network.stages.reduce((at, layers) => through(layers, at), through(network.stem, size))
  return largest
}
