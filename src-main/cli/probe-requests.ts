import { Option, type Command } from 'commander'
import { z } from 'zod'
import { UsageError } from '../../src-shared/errors.ts'
import {
  discriminativenessRequestSchema,
  embeddingRequestSchema,
  flatnessRequestSchema,
  gradientsRequestSchema,
  type ProbeKind,
  type ProbeRequest,
  type Subject
} from '../../src-shared/reports.ts'
import { addSeedOptions, addBackendOptions } from './common-options.ts'
import { addDataOptions, selectData, type DataOptions } from './data-options.ts'
import { listOption, numberOption, refuseValue, wordOption } from './option-values.ts'
import { presetNames } from '../../src-shared/train-options.ts'

/** What commander collected: options of the kind, checked one by one when they were read. */
export type ProbeOptions = DataOptions & { seed?: number } & Record<string, unknown>

type ProbeCommand<K extends ProbeKind> = {
  description: string
  addOptions(command: Command): Command
  /** The request; throws UsageError where options contradict one another. */
  request(checkpoints: Subject[], options: ProbeOptions): ProbeRequest<K>
}

const add = (
  command: Command,
  flags: string,
  description: string,
  parse: (text: string) => unknown,
  preset?: unknown
) => command.addOption(new Option(flags, description).argParser(parse).default(preset))

const flatnessSplits = ['train', 'test', 'both'] as const
const flatness = flatnessRequestSchema.shape
const sigmaList = flatness.sigmas.options[1].element
const dims = z.enum(['2', '3'])

function parseSigmas(text: string): 'auto' | number[] {
  if (text.trim() === 'auto') return 'auto'
  try {
    return listOption('--sigmas', sigmaList)(text)
  } catch {
    return refuseValue('--sigmas', 'auto or numbers of at least 0 with commas between them', text)
  }
}

/** Options and request of every kind of probe. */
export const probeCommands = {
  embedding: {
    description: "map every exit's features to a plane or to space, by class",
    addOptions(command) {
      const { method, neighbors, minDist } = embeddingRequestSchema.shape
      add(command, '--method <name>', method.options.join(', '), wordOption('--method', method), 'umap')
      add(command, '--dims <n>', '2 or 3', (text) => Number(wordOption('--dims', dims)(text)), 2)
      add(command, '--neighbors <n>', "UMAP's number of neighbours", numberOption('--neighbors', neighbors), 15)
      add(command, '--min-dist <x>', "UMAP's smallest distance on the map", numberOption('--min-dist', minDist), 0.1)
      return addSeedOptions(addDataOptions(command))
    },
    request: (checkpoints, options) =>
      embeddingRequestSchema.parse({ ...options, ...onImages(checkpoints, options, 1000) })
  },
  discriminativeness: {
    description: 'measure how well every exit separates the classes: SSE, SSB and their ratio',
    addOptions(command) {
      const { features, resamples } = discriminativenessRequestSchema.shape
      add(command, '--features <kind>', features.options.join(', '), wordOption('--features', features), 'raw')
      add(command, '--resamples <n>', 'bootstrap resamples', numberOption('--resamples', resamples), 200)
      return addSeedOptions(addDataOptions(command))
    },
    request: (checkpoints, options) =>
      discriminativenessRequestSchema.parse({ ...options, ...onImages(checkpoints, options, null) })
  },
  flatness: {
    description: 'add Gaussian noise to the weights and measure what every exit loses',
    addOptions(command) {
      add(command, '--sigmas <auto|a,b,...>', 'sizes of the noise', parseSigmas, 'auto')
      add(command, '--draws <n>', 'noises drawn at each size', numberOption('--draws', flatness.draws), 5)
      add(
        command,
        '--protocol <a,b,c>',
        'a: absolute noise; b: relative to each filter’s norm; c: as b, BatchNorm statistics re-estimated',
        listOption('--protocol', flatness.protocols.element),
        ['b']
      )
      return addSeedOptions(addDataOptions(command, flatnessSplits))
    },
    request: (checkpoints, options) =>
      flatnessRequestSchema.parse({
        ...options,
        ...onImages(checkpoints, options, 1000),
        protocols: [...new Set(options['protocol'] as string[])],
        split: options.images === undefined ? (options.split ?? 'both') : 'given'
      })
  },
  gradients: {
    description: 'measure the gradient of every layer, per loss term and exit',
    addOptions(command) {
      const { method, alpha, lambda, temperature, batchSize } = gradientsRequestSchema.shape
      add(command, '--method <name>', method.unwrap().options.join(', '), wordOption('--method', method.unwrap()))
      add(command, '--preset <name>', presetNames.join(', '), wordOption('--preset', z.enum(presetNames)))
      add(command, '--alpha <x>', 'weight of the teacher, 0 to 1', numberOption('--alpha', alpha.unwrap()))
      add(command, '--lambda <x>', 'weight of the hint loss', numberOption('--lambda', lambda.unwrap()))
      add(command, '--temperature <x>', 'softmax divisor', numberOption('--temperature', temperature.unwrap()))
      const size = numberOption('--batch-size', batchSize.unwrap())
      add(command, '--batch-size <n>', 'images per batch (default: all in one)', size)
      return addSeedOptions(addDataOptions(command))
    },
    request(checkpoints, options) {
      const batchSize = options['batchSize'] ?? null
      return gradientsRequestSchema.parse({ ...options, ...onImages(checkpoints, options, 256), batchSize })
    }
  },
  history: {
    description:
      'gather every recorded step and epoch of runs, and the TensorBoard and CSV curves beside other checkpoints',
    addOptions: addBackendOptions,
    request: (checkpoints) => ({ checkpoints })
  }
} satisfies { [K in ProbeKind]: ProbeCommand<K> }

/** The part that all requests on images share; `limit` is the kind's default for data sets. */
const onImages = (checkpoints: Subject[], options: ProbeOptions, limit: number | null) => ({
  checkpoints,
  data: selectData(options, { limit, needsLabels: true }),
  seed: options.seed ?? 0
})

/** The checkpoints from paths and from `--name`, `--group` and `--role`, given once per path or not at all. */
export function nameSubjects(
  paths: string[],
  options: { name?: string[]; group?: string[]; role?: string[] }
): Subject[] {
  for (const key of ['name', 'group', 'role'] as const) {
    const values = options[key]
    if (values && values.length !== paths.length)
      throw new UsageError(
        `The number of --${key} options is ${values.length}, but there are ${paths.length} checkpoints; give one for each.`
      )
  }
  return paths.map((path, index) => {
    const subject: Subject = { path }
    for (const key of ['name', 'group', 'role'] as const) {
      const value = options[key]?.[index]
      if (value !== undefined) subject[key] = value
    }
    return subject
  })
}
