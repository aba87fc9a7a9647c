import type { EngineRequest, EngineResult } from '../../../src-shared/contract.ts'
import { UsageError, UserError } from '../../../src-shared/errors.ts'
import { writeBeside } from '../checkpoint/beside.ts'
import { withCheckpoint, type Opened } from '../checkpoint/checkpoint.ts'
import { keepArchitecture } from '../checkpoint/recognition/architectures.ts'
import { isMatch } from '../checkpoint/recognition/compare-tensors.ts'
import { explainMisfit } from '../checkpoint/recognition/explain-misfit.ts'
import { mapName } from '../checkpoint/recognition/key-map.ts'
import { nameNetwork, type Named } from '../checkpoint/recognition/named-architecture.ts'
import { splitName, type Shapes } from '../checkpoint/recognition/shapes.ts'
import { describeNetwork } from '../model/layer.ts'
import { tensorSpecs } from '../model/tensor-specs.ts'

type Result = EngineResult<'nameArchitecture'>

/** Layers and tensors that are listed; no network has more layers. */
const mostListed = 20_000

/**
 * A checkpoint's tensors beside a network that a person names. With `save` it is kept, beside the file and for other files
 * with such tensors. Throws UsageError where there is no such network, or the checkpoint says itself what it is; UserError
 * where something is to be kept that does not fit.
 */
export async function nameArchitecture(request: EngineRequest<'nameArchitecture'>): Promise<Result> {
  const { path, network, keys, save } = request
  return withCheckpoint(path, async ({ facts, contents }) => {
    requireNameless(path, facts, contents)
    const { tensors } = contents
    const named = nameNetwork(tensors, network, keys && new Map(Object.entries(keys)))
    const { comparison } = named
    const { title } = named.network
    const misfit = isMatch(comparison) ? null : explainMisfit(title, comparison)
    if (save && misfit) throw new UserError(`${path} ${misfit}`)
    if (save && named.keysFrom === 'guess')
      throw new UserError(
        `Which tensor of ${path} is which is a guess, for its names lie in no order that tells; check the keys, and give them.`
      )
    const said = { network, keys: Object.fromEntries(named.keys) }
    const written = save ? await writeBeside(facts.file, { architecture: said }) : null
    if (save) await keepArchitecture(tensors, said)
    return {
      title,
      description: describeNetwork(named.network),
      misfit,
      keys: said.keys,
      keysFrom: named.keysFrom,
      layers: layersOf(named, tensors),
      unexpected: comparison.unexpected.slice(0, mostListed),
      savedIn: written?.path ?? null
    }
  })
}

function requireNameless(path: string, { format }: Opened['facts'], { graph, outputs }: Opened['contents']): void {
  if (format === 'run') throw new UsageError(`${path} is a run of the lab: it keeps itself which network it is.`)
  if (graph) throw new UsageError(`${path} holds the computation itself, so that no network has to be named.`)
  if (outputs) throw new UsageError(`${path} holds what a network gave, not the network.`)
}

/** Every layer of the network, and what the file has in its place. */
function layersOf({ own, keys }: Named, tensors: Shapes): Result['layers'] {
  const layers = new Map<string, Result['layers'][number]>()
  for (const { name, shape, role } of tensorSpecs(own)) {
    const [layer, last] = splitName(name)
    if (role === 'counter') continue
    const file = mapName(keys, layer)
    const found = tensors.get(`${file}.${last}`)?.shape
    const state = !found ? 'missing' : String(found) === String(shape) ? 'found' : 'reshaped'
    const row = layers.get(layer)
    if (!row) layers.set(layer, { layer, file, shape, found: found ?? null, state })
    // The worst of its tensors speaks for a layer.
    else if (row.state === 'found' && state !== 'found') Object.assign(row, { shape, found: found ?? null, state })
  }
  return [...layers.values()].slice(0, mostListed)
}
