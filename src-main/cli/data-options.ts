import { Option, type Command } from 'commander'
import { z } from 'zod'
import { UsageError } from '../../src-shared/errors.ts'
import type { DataSelection } from '../../src-shared/reports.ts'
import { listOption, numberOption, refuseValue, wordOption } from './option-values.ts'

const splits = ['train', 'test'] as const
const whole = z.number().int().min(0)

export type DataOptions = {
  data?: string
  split?: string
  limit?: number
  images?: string
  shape?: [number, number, number, number]
  labels?: number[]
}

function parseShape(text: string): [number, number, number, number] {
  const lengths = text.split(',').map((part) => (/^\s*\d{1,9}\s*$/.test(part) ? Number(part) : 0))
  const [count, height, width, channels] = lengths
  if (lengths.length === 4 && count && height && width && channels) return [count, height, width, channels]
  return refuseValue('--shape', 'N,H,W,C, four whole numbers of at least 1', text)
}

/** The options that say which images are used; `splitWords` where a command knows more splits than train and test. */
export function addDataOptions(command: Command, splitWords: readonly [string, ...string[]] = splits): Command {
  const option = <T>(flags: string, description: string, parse: (text: string) => T) =>
    new Option(flags, description).argParser(parse)
  return command
    .option('--data <name-or-path>', 'a data set known by name, or its folder (default: fashion-mnist)')
    .addOption(option('--split <split>', splitWords.join(', '), wordOption('--split', z.enum(splitWords))))
    .addOption(
      option('--limit <n>', 'images drawn evenly over the classes', numberOption('--limit', z.number().int().min(1)))
    )
    .option('--images <file.f32>', 'raw little-endian float32 images, used as they are')
    .addOption(option('--shape <N,H,W,C>', 'shape of the raw images', parseShape))
    .addOption(option('--labels <0,1,...>', 'labels of the raw images', listOption('--labels', whole)))
}

/**
 * The selection that the options name; `limit` is the default for a data set, or all it has where that is less.
 *
 * Throws UsageError where the options of data sets and of raw arrays are mixed, or labels are missing that are needed.
 */
export function selectData(
  options: DataOptions,
  { limit = null, needsLabels }: { limit?: number | null; needsLabels: boolean }
): DataSelection {
  if (options.images === undefined) {
    for (const name of ['shape', 'labels'] as const)
      if (options[name]) throw new UsageError(`--${name} goes with --images FILE.f32; a data set has its own.`)
    const split = options.split === 'train' ? 'train' : 'test'
    const chosen = { kind: 'dataset', name: options.data ?? 'fashion-mnist', split } as const
    if (options.limit !== undefined || limit === null) return { ...chosen, limit: options.limit ?? null }
    return { ...chosen, limit, orFewer: true }
  }
  for (const name of ['data', 'split', 'limit'] as const)
    if (options[name] !== undefined)
      throw new UsageError(`--${name} cannot be used with --images, which are used whole.`)
  const { images, shape, labels } = options
  if (!shape) throw new UsageError('--images needs its shape, for instance --shape 20,32,32,3.')
  if (needsLabels && !labels) throw new UsageError('--images needs the labels here, for instance --labels 0,1,2.')
  if (labels && labels.length !== shape[0])
    throw new UsageError(
      `The number of --labels is ${labels.length}, but --shape ${shape.join()} has ${shape[0]} images.`
    )
  return { kind: 'arrays', imagesPath: images, shape, labels: labels ?? null }
}
