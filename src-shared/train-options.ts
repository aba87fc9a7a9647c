import { UsageError } from './errors.ts'
import type { NetworkForm } from './networks/families/family.ts'
import { customNetwork, featureCount, ownWidth } from './networks/find-network.ts'
import type { HeadName, NetworkSpec } from './networks/network-spec.ts'
import { buildMethod, flagOf, type MethodOptions } from './method-options.ts'
import { runConfigSchema, trainsEveryExit, type NetworkChoice, type Precision } from './run-config.ts'
import type { MethodName, RunConfig, Schedule } from './run-config.ts'
import { distillationForms, type PresetName } from './science/distillation-loss.ts'

export const recipeNames = ['default', 'byot', 'byot-journal'] as const
export { presetNames } from './science/distillation-loss.ts'

/** What `train` may be told; what is left out is decided by the recipe, the preset and the method. */
export type TrainOptions = MethodOptions & {
  network?: string
  width?: number
  form?: NetworkForm
  head?: HeadName
  headWidth?: number
  /** false for `--no-attention`. */
  attention?: boolean
  /** The structure of the network `custom`. */
  spec?: NetworkSpec
  method?: MethodName
  data?: string
  limit?: number
  epochs?: number
  batchSize?: number
  lr?: number
  schedule?: Schedule['kind']
  milestones?: number[]
  factor?: number
  warmup?: number
  momentum?: number
  nesterov?: boolean
  weightDecay?: number
  recipe?: (typeof recipeNames)[number]
  labelNoise?: number
  validation?: number
  /** false for `--no-augment`. */
  augment?: boolean
  cropPadding?: number
  /** false for `--no-flip`. */
  flip?: boolean
  /** Side of the hole, pixels. */
  cutout?: number
  autoAugment?: boolean
  labelSmoothing?: number
  /** Radius of sharpness-aware minimisation. */
  sam?: number
  precision?: Precision
  seed?: number
}

type Recipe = {
  epochs: number
  batchSize: number
  learningRate: number
  schedule: Schedule['kind']
  /** Shares of the run after which the learning rate falls. */
  milestones: number[]
  cropPadding: number
  cutout: number
  autoAugment: boolean
}
const plain = { cutout: 0, autoAugment: false }
const byotMilestones = [75 / 200, 130 / 200, 180 / 200]
const recipes: Record<(typeof recipeNames)[number], Recipe> = {
  // Images of 28 pixels have a border of two already: shifting them further costs short runs dearly (docs/measurements.md).
  default: {
    epochs: 12,
    batchSize: 64,
    learningRate: 0.05,
    schedule: 'cosine',
    milestones: byotMilestones,
    cropPadding: 1,
    ...plain
  },
  // 'Be Your Own Teacher': 200 epochs, a tenth of the learning rate after 75, 130 and 180.
  byot: {
    epochs: 200,
    batchSize: 128,
    learningRate: 0.1,
    schedule: 'step',
    milestones: byotMilestones,
    cropPadding: 4,
    ...plain
  },
  // Its journal version's public code: 250 epochs, a tenth after 83, 166 and 240.
  'byot-journal': {
    epochs: 250,
    batchSize: 128,
    learningRate: 0.1,
    schedule: 'step',
    milestones: [83 / 250, 166 / 250, 240 / 250],
    cropPadding: 4,
    cutout: 16,
    autoAugment: true
  }
}

/** The configuration of a run from the options; throws UsageError where they contradict one another. */
export function buildRunConfig(options: TrainOptions): RunConfig {
  const recipe = recipes[options.recipe ?? 'default']
  const epochs = options.epochs ?? recipe.epochs
  const method = options.method ?? 'self-distillation'
  const network = buildNetworkChoice(options, method)
  return runConfigSchema.parse({
    network,
    method,
    ...buildMethod(options, method, featureCount(network)),
    data: {
      name: options.data ?? 'fashion-mnist',
      limit: options.limit ?? null,
      labelNoise: options.labelNoise ?? 0,
      validation: options.validation ?? 0
    },
    epochs,
    batchSize: options.batchSize ?? recipe.batchSize,
    learningRate: options.lr ?? recipe.learningRate * (isSquared(options, method) ? squaredShare : 1),
    momentum: options.momentum ?? 0.9,
    nesterov: options.nesterov ?? false,
    weightDecay: options.weightDecay ?? 5e-4,
    schedule: buildSchedule(options, recipe, epochs),
    ...(options.warmup ? { warmupEpochs: options.warmup } : {}),
    ...(options.labelSmoothing ? { labelSmoothing: options.labelSmoothing } : {}),
    ...(options.sam ? { samRadius: options.sam } : {}),
    augmentation: buildAugmentation(options, recipe),
    ...(options.precision ? { precision: options.precision } : {}),
    seed: options.seed ?? 0
  } satisfies RunConfig)
}

/** Squared distances of logits are steeper than cross entropy: at its learning rates they do not train (docs/papers.md). */
const squaredShare = 1 / 5

const isSquared = ({ roundLoss = 'l2' }: TrainOptions, method: MethodName): boolean =>
  method === 'self-distillation-rounds' && roundLoss === 'l2'

function buildNetworkChoice(options: TrainOptions, method: MethodName): NetworkChoice {
  const { spec, form, preset } = options
  const name = spec ? customNetwork : (options.network ?? 'resnet18')
  const choice = {
    name,
    width: options.width ?? (spec ? ownWidth(spec) : 16),
    ...(form && { form }),
    ...(spec && { spec })
  }
  if (!trainsEveryExit(method)) {
    for (const key of ['head', 'headWidth'] as const)
      if (options[key] !== undefined)
        throw new UsageError(`${flagOf(key)} is of exits that ${method} does not train; leave it out.`)
    if (options.attention === false)
      throw new UsageError(`--no-attention is of exits that ${method} does not train; leave it out.`)
    return choice
  }
  // A preset brings its heads along, but a network of one's own says itself what it has.
  const heads = preset && !spec ? distillationForms[preset].heads : undefined
  const head = options.head ?? heads?.heads
  const own = options.head === undefined || options.head === heads?.heads ? heads : undefined
  const headWidth = options.headWidth ?? own?.headWidth
  const masks = head === 'sepconv' || head === 'scan'
  const attention = options.attention === false ? false : masks ? own?.attention : undefined
  return {
    ...choice,
    ...(head && { head }),
    ...(headWidth !== undefined && { headWidth }),
    ...(attention !== undefined && { attention })
  }
}

function buildAugmentation(options: TrainOptions, recipe: Recipe): RunConfig['augmentation'] {
  const augment = options.augment ?? true
  const cutout = options.cutout ?? recipe.cutout
  const autoAugment = options.autoAugment ?? recipe.autoAugment
  return {
    cropPadding: augment ? (options.cropPadding ?? recipe.cropPadding) : 0,
    flip: augment && (options.flip ?? true),
    ...(augment && cutout > 0 ? { cutout } : {}),
    ...(augment && autoAugment ? { autoAugment } : {})
  }
}

function buildSchedule({ schedule, milestones, factor }: TrainOptions, recipe: Recipe, epochs: number): Schedule {
  const kind = schedule ?? recipe.schedule
  if (kind === 'step')
    return { kind, milestones: milestones ?? recipe.milestones.map((share) => share * epochs), factor: factor ?? 0.1 }
  for (const [name, value] of Object.entries({ milestones, factor }))
    if (value !== undefined) throw new UsageError(`--${name} goes with --schedule step; the schedule here is ${kind}.`)
  return { kind }
}

export type { PresetName }
