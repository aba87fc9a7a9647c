import { UserError } from '../../../../src-shared/errors.ts'
import { contentsOfModel } from '../keras/contents-of-model.ts'
import { objectOf, textOf } from '../keras/json.ts'
import type { LayerConfig, ModelConfig } from '../keras/model-config.ts'
import { readModelConfig } from '../keras/model-config.ts'
import { longestText, parseObject } from '../keras/model-text.ts'
import { refusalsOf, type Refuse } from '../keras/refuse.ts'
import { pathOf, type Variable, type Variables } from '../keras/variables.ts'
import { layersWithin } from '../keras/weight-groups.ts'
import { quote } from '../../pickle/values.ts'
import type { CheckpointFormat, Contents } from '../format.ts'
import type { OpenFile } from '../open-file.ts'
import { decodeWeight, dtypeOf } from './decode-weight.ts'
import { findShards, readRange, type Shard } from './shards.ts'
import { readManifest, type ManifestWeight, type WeightGroup } from './weights-manifest.ts'

/** tfjs's LayersModel: model.json, and files of weights beside it. */
export const tfjsFormat: CheckpointFormat = { name: 'tfjs', match, read }

/** Keys that one of tfjs's files begins with, or has after long texts. */
const keys = ['"modelTopology"', '"weightsManifest"', '"layers-model"', '"graph-model"']

async function match({ start, size, read }: OpenFile): Promise<boolean> {
  const begin = new TextDecoder().decode(start).trimStart()
  if (!begin.startsWith('{')) return false
  const text = new TextDecoder().decode(await read(0, Math.min(size, 2 * longestText)))
  return keys.some((key) => text.includes(key))
}

async function read({ path, size, read }: OpenFile): Promise<Contents> {
  const refuse = refusalsOf(path)
  if (size > longestText) throw refuse(`it is ${size} bytes long; at most ${longestText} are read of a model.json`)
  const text = new TextDecoder().decode(await read(0, size))
  const described = parseObject(text, 'it', refuse)
  if (described.get('format') === 'graph-model' || objectOf(described.get('modelTopology'))?.has('node'))
    throw new UserError(
      `${path} is a tfjs GraphModel, which is made for running alone; convert the model it was made of with --output_format=tfjs_layers_model, or open that one.`
    )
  const topology = objectOf(described.get('modelTopology'))
  if (!topology) throw refuse('it has no modelTopology, so it does not say what the weights are for')
  // Some have the configuration one level deeper: model_config.
  const config = topology.get('model_config') ?? topology
  const model = readModelConfig(config, refuse)
  const groups = readManifest(described.get('weightsManifest'), refuse)
  const shards = await Promise.all(groups.map((group) => findShards(path, group)))
  const stored = storedWeights(groups, shards)
  const version = textOf(topology.get('keras_version')) ?? ''
  const writer = { isKeras3: version.startsWith('3.'), isTfjs: version.startsWith('tfjs') }
  const contents = contentsOfModel(path, model, variablesOf(model, stored, refuse), writer)
  return { ...contents, parts: shards.flat().map(({ path: part }) => part) }
}

function storedWeights(groups: WeightGroup[], shards: Shard[][]): Map<string, Variable> {
  const stored = new Map<string, Variable>()
  groups.forEach(({ weights }, index) => {
    for (const weight of weights)
      stored.set(weight.name, {
        dtype: dtypeOf(weight),
        shape: weight.shape,
        load: () => load(weight, shards[index]!)
      })
  })
  return stored
}

const load = async (weight: ManifestWeight, shards: Shard[]) =>
  decodeWeight(weight, await readRange(shards, weight.start, weight.bytes))

/** Weights are named `<layer>/<weight>`, those of layers within models likewise or with the models' names before. */
function variablesOf(model: ModelConfig, stored: ReadonlyMap<string, Variable>, refuse: Refuse): Variables {
  const paths = new Map<string, string>()
  const all: { names: string[]; layer: LayerConfig }[] = [...layersWithin(model)]
  for (const { names, layer } of all) {
    if (layer.model) continue
    for (const name of new Set([layer.name, pathOf(names)])) paths.set(name, paths.has(name) ? '' : pathOf(names))
  }
  const variables = new Map<string, Variable[]>()
  for (const [name, variable] of stored) {
    const owner = name.slice(0, Math.max(0, name.lastIndexOf('/')))
    const path = paths.get(owner)
    if (path === undefined) throw refuse(`its weight ${quote(name)} belongs to no layer of its model`)
    if (path === '') throw refuse(`its weight ${quote(name)} could belong to several layers of the same name`)
    variables.set(path, [...(variables.get(path) ?? []), variable])
  }
  return variables
}
