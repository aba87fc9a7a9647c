import { findNetwork } from '../../../../src-shared/networks/find-network.ts'
import type { NamedArchitecture, NetworkChoice } from '../../../../src-shared/run-config.ts'
import { buildNetwork } from '../../model/build-network.ts'
import { weightedLayers, type Network } from '../../model/layer.ts'
import { compareTensors, isMatch, type Comparison } from './compare-tensors.ts'
import { mapName, suggestKeys, type KeyMap } from './key-map.ts'
import { renameLayers } from './rename-layers.ts'
import { shapeOf, type Shapes } from './shapes.ts'

/** Where a map of keys comes from: a person; our own names; the order of the tensors; or nothing but shapes. */
export type KeysFrom = 'given' | 'names' | 'order' | 'guess'

/** A network that a person named beside a file's tensors. */
export type Named = {
  /** With our names of layers. */
  own: Network
  /** With the file's. */
  network: Network
  keys: KeyMap
  keysFrom: KeysFrom
  comparison: Comparison
}

/**
 * A network that a person says a file holds, with the classes and colour channels that its tensors have: with all exits,
 * or the deepest alone, whichever fits better. Without `keys`, by our own names, else by order and shapes. Throws UsageError
 * where there is no such network.
 */
export function nameNetwork(tensors: Shapes, choice: NetworkChoice, keys: KeyMap | null): Named {
  const attempts = (['all', 'deepest'] as const).flatMap((exits): Named[] => {
    const place = (keysOf: KeysOf, channels = 3) => placed(tensors, { choice, exits, channels }, keysOf)
    if (keys) return [place(() => ({ keys, keysFrom: 'given' }))]
    const same = place(() => ({ keys: new Map(), keysFrom: 'names' }))
    if (isMatch(same.comparison)) return [same]
    const suggest: KeysOf = (own) => {
      const { keys, isSure } = suggestKeys(own, tensors)
      return { keys, keysFrom: isSure ? 'order' : 'guess' }
    }
    return [same, ...channelsOf(tensors).map((channels) => place(suggest, channels))]
  })
  return attempts.reduce((best, one) => (troubles(one) < troubles(best) ? one : best))
}

type KeysOf = (own: Network) => Pick<Named, 'keys' | 'keysFrom'>

/** The network of what was said; null where it does not fit, or can't be built by this version. */
export function networkOfArchitecture(tensors: Shapes, said: NamedArchitecture | null | undefined): Network | null {
  if (!said) return null
  try {
    return nameNetwork(tensors, said.network, new Map(Object.entries(said.keys))).network
  } catch {
    return null
  }
}

const troubles = ({ comparison: { missing, reshaped, unexpected } }: Named): number =>
  missing.length + reshaped.length + unexpected.length

/** Colour channels that images may have: those of the first convolution in the file, which need not be the network's, or the usual. */
function channelsOf(tensors: Shapes): number[] {
  const first = [...tensors.values()].find(({ shape }) => shape.length === 4)?.shape[1]
  return [...new Set([first || 3, 3, 1])]
}

type Placing = { choice: NetworkChoice; exits: 'all' | 'deepest'; channels: number }

function placed(tensors: Shapes, { choice, exits, channels: usual }: Placing, keysOf: KeysOf): Named {
  const matrices = [...tensors.values()].filter(({ shape }) => shape.length === 2)
  const build = (classes: number, inputChannels: number): Network => {
    const { head, headWidth, attention, width } = choice
    return buildNetwork({
      member: findNetwork(choice),
      width,
      classes,
      inputChannels,
      exits,
      head,
      headWidth,
      attention
    })
  }
  // What images and classes there are is not a part of the choice: it is read off the first layer and the last.
  const guess = build(matrices.at(-1)?.shape[0] || 1, usual)
  const { keys, keysFrom } = keysOf(guess)
  const first = [...weightedLayers([...guess.stem, ...guess.stages.flat()])].find(({ kind }) => kind === 'convolution')
  const at = (layer: string) => `${mapName(keys, layer)}.weight`
  const channels = first ? shapeOf(tensors, at(first.name), 4)?.[1] : undefined
  const classes = shapeOf(tensors, at(guess.exits.at(-1)!.classifier.name), 2)?.[0]
  const own = build(classes ?? guess.classes, channels ?? guess.inputChannels)
  const network = renameLayers(own, (layer) => mapName(keys, layer))
  return { own, network, keys, keysFrom, comparison: compareTensors(network, tensors) }
}
