import { windowsOf } from '../../../src-shared/networks/check-spec.ts'
import { UsageError } from '../../../src-shared/errors.ts'
import type { Layer, Network } from './layer.ts'

/** What lies between two layers, of one square image. */
export type Place = { size: number; channels: number }

/** Hears of every layer in the order of the forward pass; of one with parts, before its parts. */
export type OnLayer = (layer: Layer, from: Place, to: Place) => void

/**
 * The shape behind layers, from that before them. Throws UsageError where no pixel is left, or where a layer does not
 * fit what it gets.
 */
export const follow = (layers: readonly Layer[], from: Place, onLayer: OnLayer = () => undefined): Place =>
  layers.reduce((at, layer) => {
    const to = after(layer, at, onLayer)
    if (to.size < 1)
      throw new UsageError(`Images of this size are too small: nothing is left of ${at.size} x ${at.size} pixels.`)
    return to
  }, from)

/** What each stage gives of one image. Throws UsageError where the image is too small. */
export function stagePlaces({ stem, stages }: Pick<Network, 'stem' | 'stages'>, image: Place): Place[] {
  let at = follow(stem, image)
  return stages.map((layers) => (at = follow(layers, at)))
}

function after(layer: Layer, from: Place, onLayer: OnLayer): Place {
  const { size, channels } = from
  const tell = (to: Place): Place => {
    onLayer(layer, from, to)
    return to
  }
  switch (layer.kind) {
    case 'convolution':
      return tell({ size: windowsOf(size, layer), channels: layer.outChannels })
    case 'transposedConvolution':
      return tell({ size: (size - 1) * layer.stride - 2 * layer.padding + layer.kernel, channels: layer.outChannels })
    case 'maxPool':
      return tell({ size: windowsOf(size, layer), channels })
    case 'averagePool':
      return tell({ size: Math.floor(size / layer.kernel), channels })
    case 'adaptiveAverage':
      return tell({ size: layer.size, channels })
    case 'upsample':
      return tell({ size: 2 * size, channels })
    case 'padChannels':
      return tell({ size, channels: channels + layer.channels })
    case 'residual': {
      const to = follow(layer.body, from, onLayer)
      const around = follow(layer.shortcut, from, onLayer)
      // A convolution rounds half of an odd side up, an average down.
      if (around.size !== to.size)
        throw new UsageError(
          `Images of this size don't fit: a block makes ${to.size} pixels of ${size}, its shortcut ${around.size}.`
        )
      return tell(to)
    }
    case 'concat': {
      const parts = layer.branches.map((branch) => follow(branch, from, onLayer))
      return tell({ size: parts[0]!.size, channels: parts.reduce((sum, part) => sum + part.channels, 0) })
    }
    case 'gate': {
      const mask = follow(layer.mask, from, onLayer)
      if (mask.size !== size)
        throw new UsageError(`An attention mask needs features of an even side, not ${size} pixels.`)
      return tell(from)
    }
    default:
      return tell(from)
  }
}
