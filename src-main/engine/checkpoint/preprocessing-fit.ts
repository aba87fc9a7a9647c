import type { Preprocessing } from '../../../src-shared/preprocessing.ts'
import type { Network } from '../model/layer.ts'

/** A checkpoint, as far as it says what images it takes; `network` is null where it is none known here. */
type Taker = { path: string; network: Network | null }

/** Why a checkpoint can't take images that are prepared so, a sentence; null where it can. */
export function preprocessingProblem({ path, network }: Taker, preprocessing: Preprocessing): string | null {
  const { size, mean, deviation } = preprocessing
  const channels = network?.inputChannels ?? mean.length
  for (const [name, values] of Object.entries({ mean, deviation }))
    if (values.length !== channels)
      return `${path} takes ${counted(channels, 'channel')}, but the ${name} has ${counted(values.length, 'number')}.`
  const asked = network?.graph?.input.size ?? null
  if (asked !== null && size !== asked)
    return `${path} takes images of ${asked} x ${asked} pixels only, not ${size} x ${size}.`
  if (network && !network.graph && size % 8 !== 0)
    return `The side of the images must be a multiple of 8 for ${path}, not ${size}.`
  return null
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
