import { quote } from '../../pickle/values.ts'
import type { Hdf5Outline } from './hdf5/hdf5-task.ts'
import type { LayerConfig, ModelConfig } from './model-config.ts'
import type { Refuse } from './refuse.ts'
import { pathOf, type Variable, type Variables } from './variables.ts'

/** The data sets of a file by their paths, which begin with `/`. */
export type Stored = ReadonlyMap<string, Variable>

/** A list of names that Keras keeps as an attribute, in several numbered ones where it is long. */
function namesIn({ texts }: Hdf5Outline, path: string, name: string): string[] {
  const parts = texts.filter((found) => found.path === path && found.name.replace(/\d+$/, '') === name)
  const numberOf = (part: { name: string }) => Number(part.name.slice(name.length) || -1)
  return parts.sort((a, b) => numberOf(a) - numberOf(b)).flatMap((part) => part.texts)
}

/** A layer's path and itself, of all layers that lie in a model, at any depth. */
export function* layersWithin(
  { layers }: ModelConfig,
  names: string[] = []
): Generator<{ names: string[]; layer: LayerConfig }> {
  for (const layer of layers) {
    yield { names: [...names, layer.name], layer }
    if (layer.model) yield* layersWithin(layer.model, [...names, layer.name])
  }
}

/**
 * Weights as `.h5` holds them: a group for each layer of the model, with the names of its weights in their order as an
 * attribute. Those of models within it lie in one group, by the names of their layers. Throws by `refuse`.
 */
export function variablesOfGroups(outline: Hdf5Outline, stored: Stored, model: ModelConfig, refuse: Refuse): Variables {
  const root = '/model_weights'
  const variables = new Map<string, Variable[]>()
  for (const layer of model.layers) {
    const group = `${root}/${layer.name}`
    const owners = layer.model ? ownersIn(layer.model, [layer.name], refuse) : null
    for (const name of namesIn(outline, group, 'weight_names')) {
      const variable = stored.get(`${group}/${name}`)
      if (!variable) throw refuse(`it has no weight ${quote(name)}, which layer ${quote(layer.name)} names`)
      const path = owners ? owners.get(name.split('/').at(-2) ?? '') : layer.name
      if (path === undefined) throw refuse(`its weight ${quote(name)} belongs to no layer of ${quote(layer.name)}`)
      variables.set(path, [...(variables.get(path) ?? []), variable])
    }
  }
  return variables
}

function ownersIn(model: ModelConfig, names: string[], refuse: Refuse): Map<string, string> {
  const owners = new Map<string, string>()
  for (const { names: own, layer } of layersWithin(model, names)) {
    if (layer.model || layer.className === 'InputLayer') continue
    if (owners.has(layer.name))
      throw refuse(
        `two layers within ${quote(names[0]!)} are called ${quote(layer.name)}, and the file has one place for both`
      )
    owners.set(layer.name, pathOf(own))
  }
  return owners
}

/**
 * Weights as `.keras` holds them: `layers/<class>_<n>/vars/<i>`, numbered per class in the order of the layers, and so on
 * within models.
 */
export function variablesOfClasses(stored: Stored, model: ModelConfig): Variables {
  const variables = new Map<string, Variable[]>()
  const visit = ({ layers }: ModelConfig, place: string, names: string[]): void => {
    const counts = new Map<string, number>()
    for (const layer of layers) {
      const name = snakeCase(layer.className)
      const count = counts.get(name) ?? 0
      counts.set(name, count + 1)
      const own = `${place}/layers/${count === 0 ? name : `${name}_${count}`}`
      const found: Variable[] = []
      for (let variable; (variable = stored.get(`${own}/vars/${found.length}`));) found.push(variable)
      variables.set(pathOf([...names, layer.name]), found)
      if (layer.model) visit(layer.model, own, [...names, layer.name])
    }
  }
  visit(model, '', [])
  return variables
}

/** As Keras names the groups of a class: `Conv2D` is `conv2d`, `ReLU` is `re_lu`. */
export const snakeCase = (className: string): string =>
  className
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
