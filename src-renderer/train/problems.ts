import { z } from 'zod'
import type { RunConfig } from '../../src-shared/run-config.ts'

/** What is known of the data set that was chosen. */
type Known = { name: string; trainCount: number } | undefined

const names: Record<string, string> = {
  'network.width': 'width',
  'network.headWidth': 'width of the heads',
  epochs: 'number of epochs',
  batchSize: 'batch size',
  learningRate: 'learning rate',
  momentum: 'momentum',
  weightDecay: 'weight decay',
  warmupEpochs: 'warm-up',
  labelSmoothing: 'label smoothing',
  samRadius: 'radius of SAM',
  seed: 'seed',
  'schedule.factor': 'factor of the schedule',
  'schedule.milestones': 'epochs of the schedule',
  'data.limit': 'number of images',
  'data.labelNoise': 'label noise',
  'data.validation': 'validation share',
  'distillation.alpha': 'alpha',
  'distillation.lambda': 'lambda',
  'distillation.temperature': 'temperature',
  'distillation.labelWeights': 'list of label weights',
  'distillation.distillWeights': 'list of teacher weights',
  'distillation.hintWeights': 'list of hint weights',
  'teacher.labelWeight': 'weight of the labels',
  'teacher.weight': 'weight of the teacher',
  'teacher.temperature': 'temperature',
  'teacher.stage': 'stage',
  'rounds.count': 'number of rounds',
  'mutual.weight': 'weight of the other network',
  'mutual.temperature': 'temperature',
  'augmentation.cropPadding': 'crop padding',
  'augmentation.cutout': 'side of Cutout’s hole'
}

/** What the command line and the configuration call a setting, and what the form calls it. */
const words: readonly [RegExp, string][] = [
  [/^labelWeights /, 'The list of label weights '],
  [/^distillWeights /, 'The list of teacher weights '],
  [/^hintWeights /, 'The list of hint weights '],
  [/--data\b/g, 'the data set'],
  [/--sam\b/g, 'SAM'],
  [/--lr\b/g, 'the learning rate'],
  [/--limit\b/g, 'the number of images'],
  [/--schedule step/g, 'the schedule in steps']
]

/** A sentence of the engine in the form's words: no flag of the command line, no name of a variable. */
export const inFormWords = (sentence: string): string =>
  words
    .reduce((text, [pattern, word]) => text.replace(pattern, word), sentence)
    .replace(/--(?:no-)?([a-z]+(?:-[a-z]+)*)/g, (_, flag: string) => `the ${flag.replaceAll('-', ' ')}`)
    .replace(/^[a-z]/, (letter) => letter.toUpperCase())

/** One sentence on why a configuration could not be made, or was refused by the engine. */
export function describeRefusal(error: unknown): string {
  if (!(error instanceof z.ZodError)) return inFormWords(error instanceof Error ? error.message : String(error))
  const issue = error.issues[0]
  if (!issue) return 'The settings do not fit together.'
  if (issue.code === 'custom') return inFormWords(issue.message)
  const path = issue.path.filter((part) => typeof part === 'string').join('.')
  const name = `The ${names[path] ?? (path.split('.').at(-1) || 'configuration')}`
  if (issue.code === 'too_small' && issue.origin === 'array') return `${name} needs ${issue.minimum} at least.`
  if (issue.code === 'too_big' && issue.origin === 'array') return `${name} has ${issue.maximum} at most.`
  if (issue.code === 'too_small')
    return `${name} must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}.`
  if (issue.code === 'too_big') return `${name} must be ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}.`
  return `${name} can't be used: ${issue.message}.`
}

/** Images that a run learns from, about: held-out ones are taken from every class. */
export const imagesOf = ({ data }: Pick<RunConfig, 'data'>, trainCount: number): number =>
  Math.round((data.limit ?? trainCount) * (1 - data.validation))

/** One sentence on why a configuration can't be trained on the data set; empty where it can, as far as can be seen. */
export function findProblem(config: RunConfig, dataset: Known): string {
  const { schedule, epochs } = config
  if (schedule.kind === 'step' && schedule.milestones.length === 0)
    return 'The schedule has no epoch at which the learning rate falls; give one, or choose a constant rate.'
  const late = schedule.kind === 'step' ? schedule.milestones.find((milestone) => milestone >= epochs) : undefined
  if (late !== undefined)
    return `The learning rate would fall after epoch ${late}, but training ends after ${epochs}; give an earlier one.`
  if (!dataset) return ''
  const { name, trainCount } = dataset
  const count = trainCount.toLocaleString('en')
  if (config.data.limit !== null && config.data.limit > trainCount)
    return `${config.data.limit.toLocaleString('en')} images are more than the ${count} that ${name} has; take fewer.`
  if (imagesOf(config, trainCount) < 2) return 'Two images at least are needed to train on.'
  return ''
}
