import { UsageError } from './errors.ts'
import { defaultDistillation } from './science/distillation-loss.ts'
import { runConfigSchema, type NetworkName, type Precision, type RunConfig, type Schedule } from './run-config.ts'

export const recipeNames = ['default', 'byot'] as const
export const presetNames = ['autodidact-default'] as const

/** What `train` may be told; what is left out is decided by the recipe. */
export type TrainOptions = {
  network?: NetworkName
  width?: number
  method?: RunConfig['method']
  data?: string
  limit?: number
  epochs?: number
  batchSize?: number
  lr?: number
  schedule?: Schedule['kind']
  milestones?: number[]
  factor?: number
  momentum?: number
  nesterov?: boolean
  weightDecay?: number
  alpha?: number
  lambda?: number
  temperature?: number
  preset?: (typeof presetNames)[number]
  recipe?: (typeof recipeNames)[number]
  labelNoise?: number
  validation?: number
  /** false for `--no-augment`. */
  augment?: boolean
  cropPadding?: number
  /** false for `--no-flip`. */
  flip?: boolean
  precision?: Precision
  seed?: number
}

type Recipe = {
  epochs: number
  batchSize: number
  learningRate: number
  schedule: Schedule['kind']
  cropPadding: number
}
const recipes: Record<(typeof recipeNames)[number], Recipe> = {
  // Images of 28 pixels have a border of two already: shifting them further costs short runs dearly (docs/measurements.md).
  default: { epochs: 12, batchSize: 64, learningRate: 0.05, schedule: 'cosine', cropPadding: 1 },
  // 'Be Your Own Teacher': 200 epochs, a tenth of the learning rate after 75, 130 and 180.
  byot: { epochs: 200, batchSize: 128, learningRate: 0.1, schedule: 'step', cropPadding: 4 }
}
const byotMilestones = [75 / 200, 130 / 200, 180 / 200]

/** Length of the deepest exit's features. */
const featureCount = (network: NetworkName, width: number) => (network === 'resnet50' ? 32 : 8) * width

/** The configuration of a run from the options; throws UsageError where they contradict one another. */
export function buildRunConfig(options: TrainOptions): RunConfig {
  const recipe = recipes[options.recipe ?? 'default']
  const name = options.network ?? 'resnet18'
  const width = options.width ?? 16
  const epochs = options.epochs ?? recipe.epochs
  const augment = options.augment ?? true
  const preset = defaultDistillation(featureCount(name, width))
  return runConfigSchema.parse({
    network: { name, width },
    method: options.method ?? 'self-distillation',
    distillation: {
      alpha: options.alpha ?? preset.alpha,
      lambda: options.lambda ?? preset.lambda,
      temperature: options.temperature ?? preset.temperature
    },
    data: {
      name: options.data ?? 'fashion-mnist',
      limit: options.limit ?? null,
      labelNoise: options.labelNoise ?? 0,
      validation: options.validation ?? 0
    },
    epochs,
    batchSize: options.batchSize ?? recipe.batchSize,
    learningRate: options.lr ?? recipe.learningRate,
    momentum: options.momentum ?? 0.9,
    nesterov: options.nesterov ?? false,
    weightDecay: options.weightDecay ?? 5e-4,
    schedule: buildSchedule(options, options.schedule ?? recipe.schedule, epochs),
    augmentation: {
      cropPadding: augment ? (options.cropPadding ?? recipe.cropPadding) : 0,
      flip: augment && (options.flip ?? true)
    },
    ...(options.precision ? { precision: options.precision } : {}),
    seed: options.seed ?? 0
  } satisfies RunConfig)
}

function buildSchedule({ milestones, factor }: TrainOptions, kind: Schedule['kind'], epochs: number): Schedule {
  if (kind === 'step')
    return { kind, milestones: milestones ?? byotMilestones.map((share) => share * epochs), factor: factor ?? 0.1 }
  for (const [name, value] of Object.entries({ milestones, factor }))
    if (value !== undefined) throw new UsageError(`--${name} goes with --schedule step; the schedule here is ${kind}.`)
  return { kind }
}
