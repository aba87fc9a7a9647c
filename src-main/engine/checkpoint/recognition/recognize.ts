import { UserError } from '../../../../src-shared/errors.ts'
import { buildNetwork } from '../../model/build-network.ts'
import { deepestClassifier } from '../../model/heads/head.ts'
import type { Network } from '../../model/layer.ts'
import { compareTensors, isMatch, type Comparison } from './compare-tensors.ts'
import { readingsOf, type Reading } from './conventions.ts'
import { explainMisfit, explainUnknown } from './explain-misfit.ts'
import { withoutProjections } from './option-a.ts'
import { withClassifier } from './read-classifier.ts'
import { readFeatures } from './read-features.ts'
import { readHeads, withoutMaskNorm } from './read-heads.ts'
import { readMobilenetV2 } from './read-mobilenet-v2.ts'
import { readStages, type Structure } from './read-stages.ts'
import { renameLayers } from './rename-layers.ts'
import { shapeOf, type Shapes } from './shapes.ts'

export type { Shapes } from './shapes.ts'

/** A network, its layers named as the tensors are; or why there is none, the end of a sentence that begins with the file. */
export type Recognized = { network: Network; misfit: null } | { network: null; misfit: string }

/** More tensors than any network known here has: names are not worth reading. */
const mostTensors = 20_000

/**
 * The network that a list of tensors belongs to, read off names and shapes: those of our own files and of the public
 * implementations in `conventions.ts`. `told` are networks that somebody, or the file itself, says it is, the most credible
 * first. Where none fits, the misfit is that of the nearest, which has most tensors in common.
 */
export function recognize(tensors: Shapes, ...told: (Network | null)[]): Recognized {
  let nearest: { network: Network; comparison: Comparison } | null = null
  for (const network of candidates(tensors, told)) {
    const comparison = compareTensors(network, tensors)
    if (isMatch(comparison)) return { network, misfit: null }
    if (comparison.fits > (nearest?.comparison.fits ?? 0)) nearest = { network, comparison }
  }
  const misfit = nearest ? explainMisfit(nearest.network.title, nearest.comparison) : explainUnknown(tensors)
  return { network: null, misfit }
}

function* candidates(tensors: Shapes, told: readonly (Network | null)[]): Generator<Network> {
  yield* told.filter((network) => network !== null)
  if (tensors.size > mostTensors) return
  for (const reading of readingsOf(tensors)) {
    const isReadable = [readStages, readFeatures].map((read) => () => assemble(read(reading.tensors), reading))
    for (const network of [...isReadable, () => readMobilenetV2(reading.tensors)].map(attempt)) {
      if (!network) continue
      yield renameLayers(withClassifier(network, reading.tensors), reading.nameOf)
    }
  }
}

/** null where shapes tell of something that can't be built. */
function attempt(read: () => Network | null): Network | null {
  try {
    return read()
  } catch (error) {
    if (error instanceof UserError) return null
    throw error
  }
}

/** A structure with the exits and classes that the names and shapes tell of. */
function assemble(structure: Structure | null, { tensors, nameOf }: Reading): Network | null {
  if (!structure) return null
  const { member, width, inputChannels } = structure
  const { stages } = member.spec
  const exits = readHeads(tensors, stages.length)
  const last = deepestClassifier(exits[0]?.head ?? 'none', stages.length)
  const network = buildNetwork({
    member: { ...member, spec: { ...member.spec, exits } },
    width,
    classes: shapeOf(tensors, `${last}.weight`, 2)?.[0] ?? 1,
    inputChannels,
    exits: exits.length ? 'all' : 'deepest'
  })
  return withoutProjections(withoutMaskNorm(network, tensors), tensors, nameOf('fc'))
}
