import { readFile } from 'node:fs/promises'
import { Option, type Command } from 'commander'
import { engineCalls, type EngineResult } from '../../../src-shared/contract.ts'
import { UsageError } from '../../../src-shared/errors.ts'
import { preprocessingSchema, type Preprocessing } from '../../../src-shared/preprocessing.ts'
import { explainFileError } from '../../file-errors.ts'
import { createContext, type CommandContext } from '../command-context.ts'
import { addSeedOptions } from '../common-options.ts'
import type { CliIo, CommonOptions } from '../io.ts'
import { listOption, numberOption, wordOption } from '../option-values.ts'
import { formatNumber, formatPercent, formatTable, type Cell } from '../text-table.ts'

type Check = EngineResult<'checkPreprocessing'>
type Options = CommonOptions & {
  data: string
  limit: number
  seed: number
  set?: string
  mean?: number[]
  deviation?: number[]
  size?: number
  channels?: 'rgb' | 'bgr'
  fit?: 'pad' | 'resize'
  classes?: string
}

const help = `
It is kept in FILE.autodidact.json beside the checkpoint, and every measurement uses it; runs of the lab know theirs.

Examples:
  autodidact preprocessing net.pth --data cifar10
  autodidact preprocessing net.pth --data cifar10 --set best
  autodidact preprocessing net.onnx --data pets --mean 0.5,0.5,0.5 --deviation 0.5,0.5,0.5 --size 224 --fit resize`

/** `preprocessing PATH --data D`: which preparation of images a checkpoint does best with; `--set` keeps one. */
export function addPreprocessingCommand(program: Command, io: CliIo): void {
  const { shape } = preprocessingSchema
  const { limit } = engineCalls.checkPreprocessing.request.shape
  const option = (flags: string, description: string, parse: (text: string) => unknown) =>
    new Option(flags, description).argParser(parse)
  const command = program
    .command('preprocessing')
    .description('find out how the images of a foreign checkpoint are to be prepared, and keep it beside its file')
    .argument('<path>', 'a checkpoint file')
    .option('--data <name-or-path>', 'a data set of as many classes, by name, or its folder', 'fashion-mnist')
    .addOption(option('--limit <n>', 'test images that are asked', numberOption('--limit', limit)).default(500))
    .option('--set <label>', 'best, or a label of the table: keeps it')
    .addOption(option('--mean <a,b,...>', 'per channel, of pixels in 0..1', listOption('--mean', shape.mean.element)))
    .addOption(option('--deviation <a,b,...>', 'likewise', listOption('--deviation', shape.deviation.element)))
    .addOption(option('--size <pixels>', 'side of the input', numberOption('--size', shape.size)))
    .addOption(option('--channels <order>', 'rgb, bgr', wordOption('--channels', shape.channelOrder.unwrap())))
    .addOption(option('--fit <way>', 'other sizes: pad, resize', wordOption('--fit', shape.fit.unwrap())))
    .option('--classes <file.txt>', 'names of the classes in their order, one a line')
  addSeedOptions(command)
    .addHelpText('after', help)
    .action(async (path: string, options: Options) => {
      const context = createContext(io, options)
      const { data, limit, seed, set } = options
      const classes = options.classes === undefined ? undefined : await readNames(options.classes)
      const given = await givenValues(context, path, options)
      if (given && set !== undefined)
        throw new UsageError('--set takes a row of the table; leave it out where values are given.')
      if (given || (classes && set === undefined)) {
        const request = { path, ...(given ? { preprocessing: given } : {}), ...(classes ? { classes } : {}) }
        return keep(context, request)
      }
      const request = { path, data, limit, seed, preprocessing: null }
      const check = await context.ask((engine, callOptions) => engine.checkPreprocessing(request, callOptions))
      const chosen = set === undefined ? null : choose(check, set)
      const written =
        chosen &&
        (await context.ask((engine) =>
          engine.setPreprocessing({ path, preprocessing: chosen.preprocessing, ...(classes ? { classes } : {}) })
        ))
      await context.print({ ...check, written: written && { ...written, label: chosen!.label } }, () =>
        [describe(check), written ? `Kept ${chosen!.label} in ${written.path}.\n` : ''].join('')
      )
    })
}

/** What the options give; where they give a part, the rest is as it is set or guessed. */
async function givenValues(context: CommandContext, path: string, options: Options): Promise<Preprocessing | null> {
  const { data, mean, deviation, size, channels, fit } = options
  if (!mean && !deviation && size === undefined && !channels && !fit) return null
  const { preprocessing } = await context.ask((engine) => engine.findPreprocessing({ path, data }))
  return {
    ...preprocessing,
    ...(mean ? { mean } : {}),
    ...(deviation ? { deviation } : {}),
    ...(size === undefined ? {} : { size }),
    ...(channels ? { channelOrder: channels } : {}),
    ...(fit ? { fit } : {})
  }
}

type Kept = Parameters<Parameters<Parameters<CommandContext['ask']>[0]>[0]['setPreprocessing']>[0]

async function keep(context: CommandContext, request: Kept): Promise<void> {
  const written = await context.ask((engine) => engine.setPreprocessing(request))
  const { preprocessing, classes } = request
  await context.print({ preprocessing: preprocessing ?? null, classes: classes ?? null, written }, () =>
    [
      preprocessing ? `${describeValues(preprocessing)}\n` : '',
      `Kept in ${written.path}${written.isInLab ? ", for the checkpoint's folder can't be written" : ''}.\n`
    ].join('')
  )
}

function choose({ alternatives }: Check, label: string): Check['alternatives'][number] {
  const wanted = label.trim().toLowerCase()
  const found =
    wanted === 'best' ? alternatives[0] : alternatives.find((alternative) => alternative.label.toLowerCase() === wanted)
  if (found) return found
  const labels = alternatives.map(({ label }) => JSON.stringify(label)).join(', ')
  throw new UsageError(`--set must be best or one of ${labels}, not ${JSON.stringify(label)}.`)
}

async function readNames(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw explainFileError(error, path)
  })
  const lines = text.split(/\r?\n/)
  while (lines.at(-1)?.trim() === '') lines.pop()
  return lines.map((line) => line.trim().slice(0, 200))
}

function describe({ set, alternatives, sentence, warning, count }: Check): string {
  const rows = alternatives.map(({ label, accuracy, loss, preprocessing, isSet }): Cell[] => [
    label,
    formatPercent(accuracy),
    loss ?? NaN,
    describeValues(preprocessing),
    isSet ? 'set' : ''
  ])
  return [
    formatTable(['preprocessing', 'accuracy', 'loss', 'values', ''], rows),
    `\n${sentence} Of the deepest exit, on ${count} images.\n`,
    `${{ said: 'Set', file: 'Set', guessed: 'Guessed' }[set.source]}: ${set.label}. ${set.reason}\n`,
    warning ? `${warning}\n` : ''
  ].join('')
}

function describeValues({ size, mean, deviation, channelOrder, fit }: Preprocessing): string {
  const numbers = (values: readonly number[]) => values.map(formatNumber).join(' ')
  const order = channelOrder === 'bgr' ? ', BGR' : ''
  return `${size} px ${fit === 'resize' ? 'resized' : 'padded'}, mean ${numbers(mean)}, deviation ${numbers(deviation)}${order}`
}
