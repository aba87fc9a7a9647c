import { readFile } from 'node:fs/promises'
import { Option, type Command } from 'commander'
import { z } from 'zod'
import { UsageError } from '../../../src-shared/errors.ts'
import {
  distillationSchema,
  methodNames,
  networkChoiceSchema,
  precisions,
  roundsSchema,
  runConfigSchema,
  teacherSchema
} from '../../../src-shared/run-config.ts'
import { networkForms } from '../../../src-shared/networks/families/family.ts'
import { networkNames, nameProblem } from '../../../src-shared/networks/find-network.ts'
import { headNames } from '../../../src-shared/networks/network-spec.ts'
import { readNetworkFile } from '../../../src-shared/networks/read-network-file.ts'
import { explainFileError } from '../../file-errors.ts'
import { createContext } from '../command-context.ts'
import { addSeedOptions } from '../common-options.ts'
import { formatExits } from '../exits-table.ts'
import type { CliIo, CommonOptions } from '../io.ts'
import { listOption, numberOption, wordOption } from '../option-values.ts'
import { buildRunConfig, presetNames, recipeNames, type TrainOptions } from '../../../src-shared/train-options.ts'

type Options = CommonOptions & TrainOptions & { out?: string; resume?: string | true }

const help = `
Defaults: 12 epochs, batches of 64, learning rate 0.05 along a cosine, momentum 0.9, weight decay 5e-4, random crop by
1 pixel and flip, alpha 0.3, temperature 3, lambda 0.03 x 64 / (features of the deepest exit).
With --recipe byot, as in 'Be Your Own Teacher': 200 epochs, batches of 128, learning rate 0.1, a tenth of it after 75,
130 and 180 epochs, random crop by 4; with another number of --epochs, after the same shares of them.

Examples:
  autodidact train --network resnet18 --width 16 --epochs 12 --out runs/first
  autodidact train --method baseline --limit 5000 --epochs 3
  autodidact train --resume runs/first`

/** `train`: trains a network, or goes on with a run. */
export function addTrainCommand(program: Command, io: CliIo): void {
  const command = program.command('train').description('train a network, or go on with a run')
  addTrainOptions(command)
  addSeedOptions(command)
    .addHelpText('after', help)
    .action(async (options: Options) => {
      const context = createContext(io, options)
      const request = buildRequest(command, await withNetworkFile(options))
      const result = await context.ask((engine, callOptions) => engine.train(request, callOptions))
      const epochs = `${result.epochsDone} ${result.epochsDone === 1 ? 'epoch' : 'epochs'}`
      await context.print(result, () => `${result.run}, ${epochs}, on the test split:\n${formatExits(result)}`)
    })
}

function addTrainOptions(command: Command): void {
  const { data, schedule, augmentation, ...shape } = runConfigSchema.shape
  const networkShape = networkChoiceSchema.shape
  const step = schedule.options[2].shape
  const add = (name: string, value: string, description: string, parse: (text: string) => unknown) =>
    command.addOption(new Option(`--${name} <${value}>`, description).argParser(parse))
  const addNumber = (name: string, description: string, schema: z.ZodType<number>) =>
    add(name, 'number', description, numberOption(`--${name}`, schema))
  const addWord = (name: string, words: readonly [string, ...string[]]) =>
    add(name, 'name', words.join(', '), wordOption(`--${name}`, z.enum(words)))

  command.option('--network <name-or-file>', `${networkNames.join(', ')}, another of their families, or a JSON file`)
  addNumber('width', 'channels of the first stage', z.number().int().min(1).max(1024))
  addWord('form', networkForms)
  addWord('head', headNames)
  addNumber('head-width', 'channels inside bottleneck and scan heads', networkShape.headWidth.unwrap())
  command.option('--no-attention', 'sepconv and scan heads without their masks')
  addWord('method', methodNames)
  command.option('--data <name-or-path>', 'a data set known by name, or its folder')
  addNumber('limit', 'training images used, drawn evenly over the classes', data.shape.limit.unwrap())
  addNumber('epochs', 'passes over the training images', shape.epochs)
  command.option('--out <folder>', 'where the run is kept (default: runs/<network>-<method>-<time>)')
  command.option('--resume [run]', 'go on with this run, or with the one that --out names')
  addWord('recipe', recipeNames)
  addNumber('batch-size', 'images per step', shape.batchSize)
  addNumber('lr', 'learning rate at the start', shape.learningRate)
  addWord('schedule', ['cosine', 'step', 'constant'])
  add(
    'milestones',
    'a,b,...',
    'epochs after which --factor applies',
    listOption('--milestones', step.milestones.element)
  )
  addNumber('factor', 'of the learning rate at each milestone', step.factor)
  addNumber('warmup', 'epochs in which the learning rate rises from zero', shape.warmupEpochs.unwrap())
  addNumber('momentum', 'of SGD', shape.momentum)
  command.option('--nesterov', "Nesterov's momentum")
  addNumber('weight-decay', 'L2 penalty', shape.weightDecay)
  addWord('precision', precisions)
  addWord('preset', presetNames)
  addNumber('alpha', 'weight of the deepest exit as teacher, 0 to 1', distillationSchema.shape.alpha)
  addNumber('lambda', 'weight of the hint loss', distillationSchema.shape.lambda)
  addNumber('temperature', 'softmax divisor of the distillation', distillationSchema.shape.temperature)
  addWord('hint-on', ['features', 'maps'])
  for (const [name, what] of exitWeights)
    add(name, 'a,b,...', `weight of ${what} at each exit, shallowest first`, listOption(`--${name}`, z.number().min(0)))
  command.option('--teacher <path>', 'a run or checkpoint that kd, fitnets and attention-transfer learn from')
  addNumber('label-weight', 'of the labels beside a teacher', teacherSchema.shape.labelWeight)
  addNumber('method-weight', 'of what the method adds to the labels', teacherSchema.shape.weight)
  addNumber('teacher-stage', 'the stage that fitnets compares', teacherSchema.shape.stage)
  addNumber('rounds', 'networks trained on the outputs of the one before', roundsSchema.shape.count)
  addWord('round-loss', ['l2', 'cross-entropy'])
  addNumber('label-smoothing', 'share of a label that is spread over all classes', shape.labelSmoothing.unwrap())
  addNumber('sam', 'radius of sharpness-aware minimisation', shape.samRadius.unwrap())
  addNumber('label-noise', 'share of training labels replaced by a random class', data.shape.labelNoise)
  addNumber('validation', 'share of the training images held out', data.shape.validation)
  command.addOption(new Option('--no-augment', 'neither crop nor flip').conflicts('cropPadding'))
  addNumber('crop-padding', 'pixels by which a random crop may shift, 0 for none', augmentation.shape.cropPadding)
  command.option('--no-flip', 'no horizontal flips')
  addNumber('cutout', 'side of a hole cut into every image, pixels', augmentation.shape.cutout.unwrap())
  command.option('--auto-augment', "AutoAugment's policy for CIFAR-10")
}

const exitWeights = [
  ['label-weights', 'the labels'],
  ['distill-weights', 'the deepest exit as teacher'],
  ['hint-weights', 'the hint']
] as const

/** The options with the network that a JSON file describes. Throws UserError naming the line that is wrong. */
async function withNetworkFile(options: Options): Promise<Options> {
  const { network, ...others } = options
  if (network === undefined || !/\.json$/i.test(network)) {
    const problem = network === undefined ? null : nameProblem(network)
    if (problem) throw new UsageError(problem)
    return options
  }
  const text = await readFile(network, 'utf8').catch((error: unknown) => {
    throw explainFileError(error, network)
  })
  return { ...others, spec: readNetworkFile(text, network) }
}

const allowedWithResume = new Set(['out', 'resume', 'backend', 'json', 'quiet', 'verbose'])

function buildRequest(command: Command, options: Options) {
  if (options.resume === undefined)
    return { out: options.out ?? defaultFolder(options), config: buildRunConfig(options) }
  const given = command.options.find(
    (option) =>
      !allowedWithResume.has(option.attributeName()) && command.getOptionValueSource(option.attributeName()) === 'cli'
  )
  if (given)
    throw new UsageError(`--resume goes on with the run's own settings; leave out ${given.long ?? given.flags}.`)
  const out = options.resume === true ? options.out : options.resume
  if (out === undefined) throw new UsageError('--resume needs the folder of the run to go on with.')
  if (options.out !== undefined && options.out !== out)
    throw new UsageError('--resume writes into the run that it goes on with; leave out --out.')
  return { out, config: null }
}

function defaultFolder({ spec, network = spec?.name ?? 'resnet18', method = 'self-distillation' }: Options): string {
  const now = new Date()
  const local = new Date(now.getTime() - 60_000 * now.getTimezoneOffset())
  return `runs/${network.replace(/[^\w.-]+/g, '-')}-${method}-${local.toISOString().slice(0, 19).replaceAll(':', '-')}`
}
