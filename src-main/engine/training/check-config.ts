import { totalmem } from 'node:os'
import { UsageError, UserError } from '../../../src-shared/errors.ts'
import type { RunConfig } from '../../../src-shared/run-config.ts'
import { distillationForms, termWeights } from '../../../src-shared/science/distillation-loss.ts'
import type { Backend } from '../backend/backend.ts'
import { requireAugmentable } from '../data/batches.ts'
import { follow, stagePlaces, type Place } from '../model/follow.ts'
import { partsOf, type Layer, type Network } from '../model/layer.ts'

/**
 * Throws UsageError, in one sentence, where a network can't be trained as a configuration says; gives what is worth knowing
 * beside that, a sentence each. `size` is the side of its images.
 */
export function requireTrainable(network: Network, config: RunConfig, teacher: Network | null, size: number): string[] {
  const maps = stageMaps(network, size)
  if (config.method === 'self-distillation') requireDistillable(network, config, maps)
  requireAugmentable(config.augmentation, network.inputChannels, size)
  if (teacher) requireTeacher(network, config, teacher, maps, size)
  return warningsOf(network, config)
}

const stageMaps = (network: Network, size: number): Place[] =>
  stagePlaces(network, { size, channels: network.inputChannels })

function requireDistillable(network: Network, { distillation }: RunConfig, maps: Place[]): void {
  const weights = weightsOf(network, distillation)
  const deepest = network.exits.at(-1)!
  const { size, channels } = maps[deepest.exit - 1]!
  for (const [index, { exit, head, classifier }] of network.exits.slice(0, -1).entries()) {
    if (!weights.hint[index]) continue
    const map = follow(head, maps[exit - 1]!)
    const adapts = distillationForms[distillation.form ?? 'autodidact-default'].adapters
    const own = classifier.inFeatures
    if (own !== channels && !(adapts && distillation.hintOn !== 'maps'))
      throw new UsageError(
        `The hint compares the ${own} features of exit ${exit} with the deepest exit's ${channels}: set lambda to 0, or take heads that bring them to one length.`
      )
    if (distillation.hintOn === 'maps' && map.size !== size)
      throw new UsageError(
        `The hint compares maps of ${map.size} x ${map.size} pixels at exit ${exit} with the deepest exit's ${size} x ${size}; compare features instead.`
      )
  }
}

function weightsOf(network: Network, distillation: RunConfig['distillation']) {
  try {
    return termWeights(distillation, network.exits.length)
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message)
    throw error
  }
}

function requireTeacher(
  network: Network,
  { method, teacher: settings }: RunConfig,
  teacher: Network,
  maps: Place[],
  size: number
): void {
  if (teacher.classes !== network.classes)
    throw new UsageError(
      `The teacher knows ${teacher.classes} classes, the data set has ${network.classes}; take a teacher of the same classes.`
    )
  if (teacher.inputChannels !== network.inputChannels)
    throw new UsageError(
      `The teacher takes images with ${teacher.inputChannels} colour channels, those of the data set have ${network.inputChannels}.`
    )
  const theirs = mapsOfTeacher(teacher, size)
  if (method === 'fitnets') {
    const stage = settings?.stage ?? 2
    const [ours, other] = [maps[stage - 1], theirs[stage - 1]]
    if (!ours || !other)
      throw new UsageError(
        `There is no stage ${stage} to compare: the network has ${maps.length} stages, the teacher ${theirs.length}.`
      )
    requireSizes(ours.size, other.size, stage)
  }
  if (method === 'attention-transfer') {
    if (maps.length !== theirs.length)
      throw new UsageError(
        `Attention transfer compares stage with stage, but the network has ${maps.length} and the teacher ${theirs.length}.`
      )
    maps.forEach((ours, index) => requireSizes(ours.size, theirs[index]!.size, index + 1))
  }
}

function mapsOfTeacher(teacher: Network, size: number): Place[] {
  try {
    return stageMaps(teacher, size)
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`The teacher can't look at these images. ${error.message}`)
    throw error
  }
}

/** Throws UsageError where a teacher tells its classes and they are others, or in another order. */
export function requireSameClasses(path: string, theirs: string[] | null, ours: string[]): void {
  const other = theirs?.findIndex((name, index) => name !== ours[index]) ?? -1
  if (theirs && other >= 0)
    throw new UsageError(
      `The teacher ${path} calls class ${other} ${JSON.stringify(theirs[other])}, the data set ${JSON.stringify(ours[other])}; take a teacher of the same classes.`
    )
}

/** The larger map is averaged down to the smaller one. */
function requireSizes(ours: number, theirs: number, stage: number): void {
  const ratio = Math.max(ours, theirs) / Math.min(ours, theirs)
  if (!Number.isInteger(ratio))
    throw new UsageError(`At stage ${stage} maps of ${ours} pixels can't be compared with the teacher's ${theirs}.`)
}

/** Throws UserError where a backend lacks the gradients of a layer that the network has: wasm those of max-pooling. */
export function requireGradients({ name }: Pick<Backend, 'name'>, network: Network): void {
  if (name !== 'wasm') return
  const pools = (layers: Layer[]): boolean =>
    layers.some((layer) => layer.kind === 'maxPool' || partsOf(layer).some(pools))
  if (pools([...network.stem, ...network.stages.flat()]))
    throw new UserError(
      "The backend wasm can't train this network: it has no gradients of max-pooling; another backend can."
    )
}

/** Throws UserError where a step needs more memory than the machine has. */
export function requireMemory(bytes: number, available = totalmem()): void {
  if (bytes <= available) return
  const gigabytes = (value: number) => (value / 1e9).toFixed(value < 1e11 ? 1 : 0)
  throw new UserError(
    `This training would need about ${gigabytes(bytes)} GB of memory, and this machine has ${gigabytes(available)} GB; choose a smaller width, network or batch.`
  )
}

function warningsOf(network: Network, { method, precision }: RunConfig): string[] {
  const warnings: string[] = []
  const layers = [...network.stages.flat(), ...network.stem]
  if (hasGroups(layers) && precision !== 'float32' && precision !== undefined)
    warnings.push('Grouped convolutions gain little from a lower precision.')
  if (method === 'self-distillation' && network.exits.length === 1)
    warnings.push('The network has one exit only: there is nothing to distil.')
  return warnings
}

const hasGroups = (layers: Layer[]): boolean =>
  layers.some((layer) => (layer.kind === 'convolution' && (layer.groups ?? 1) > 1) || partsOf(layer).some(hasGroups))
