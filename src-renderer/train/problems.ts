import { z } from 'zod'
import type { RunConfig } from '../../src-shared/run-config.ts'

/** What is known of the data set that was chosen. */
type Known = { name: string; trainCount: number } | undefined

const names: Record<string, string> = {
  'network.width': 'width',
  epochs: 'number of epochs',
  batchSize: 'batch size',
  learningRate: 'learning rate',
  weightDecay: 'weight decay',
  'schedule.factor': 'factor of the schedule',
  'schedule.milestones': 'epochs of the schedule',
  'data.limit': 'number of images',
  'data.labelNoise': 'label noise',
  'data.validation': 'validation share',
  'distillation.alpha': 'alpha',
  'distillation.lambda': 'lambda',
  'distillation.temperature': 'temperature',
  'augmentation.cropPadding': 'crop padding'
}

/** One sentence on why a configuration could not be made. */
export function describeRefusal(error: unknown): string {
  if (!(error instanceof z.ZodError)) return error instanceof Error ? error.message : String(error)
  const issue = error.issues[0]
  if (!issue) return 'The settings do not fit together.'
  const path = issue.path.filter((part) => typeof part === 'string').join('.')
  const name = `The ${names[path] ?? (path || 'configuration')}`
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
