import { z } from 'zod'
import { networkForms } from './networks/families/family.ts'
import { nameProblem } from './networks/find-network.ts'
import { headNames, networkSpecSchema } from './networks/network-spec.ts'
import { presetNames } from './science/distillation-loss.ts'

const fraction = z.number().min(0).max(1)

/** What decides a run's network. */
export const networkChoiceSchema = z.object({
  /** One of `networkNames`, another member of their families, or `custom`. */
  name: z.string().superRefine((name, context) => {
    const message = nameProblem(name)
    if (message) context.addIssue({ code: 'custom', message })
  }),
  /** Channels of the first stage. */
  width: z.number().int().min(1).max(8192),
  /** The stem: absent is `cifar`, 3x3 without stride. */
  form: z.enum(networkForms).optional(),
  /** Of all shallow exits; absent is what the structure says, else `bottleneck`. */
  head: z.enum(headNames).optional(),
  /** Channels inside `bottleneck` and `scan` heads; absent is a quarter of the deepest features, for scan 128. */
  headWidth: z.number().int().min(1).max(8192).optional(),
  /** A mask before `sepconv` and `scan` heads; absent is yes. */
  attention: z.boolean().optional(),
  /** The structure of a `custom` network. */
  spec: networkSpecSchema.optional()
})
export type NetworkChoice = z.infer<typeof networkChoiceSchema>

/** What a person says that a file's tensors are: a network, and how its layers are named there. */
export const namedArchitectureSchema = z.object({
  network: networkChoiceSchema,
  /** Names in the file by our names of layers, or of what several begin with; the longest that fits decides. */
  keys: z.record(z.string().max(500), z.string().max(500))
})
export type NamedArchitecture = z.infer<typeof namedArchitectureSchema>

/** Training methods: `deep-supervision` and `self-distillation` train every exit, the others the deepest one alone. */
export const methodNames = [
  'baseline',
  'deep-supervision',
  'self-distillation',
  'kd',
  'fitnets',
  'attention-transfer',
  'mutual-learning',
  'self-distillation-rounds'
] as const
export type MethodName = (typeof methodNames)[number]

/** Methods that train every exit; the others train the deepest one, on its own. */
export const trainsEveryExit = (method: MethodName): boolean =>
  method === 'self-distillation' || method === 'deep-supervision'

/** Methods that learn from another network, trained before. */
export const needsTeacher = (method: MethodName): boolean =>
  method === 'kd' || method === 'fitnets' || method === 'attention-transfer'

const exitWeights = z.array(z.number().min(0)).min(1).max(12)

/** Weights of the self-distillation loss (SCIENCE section 1). */
export const distillationSchema = z.object({
  /** Weight of distillationLoss at every shallow exit; labelLoss gets 1 - alpha. */
  alpha: fraction,
  /** Weight of hintLoss, the mean over the batch of the squared L2 distance of pooled features. */
  lambda: z.number().min(0),
  /** Softmax divisor; the KL term carries its square where the form says so. */
  temperature: z.number().positive(),
  /** The preset whose terms are used; absent is `autodidact-default`. */
  form: z.enum(presetNames).optional(),
  /** What the hint compares: pooled features (absent), or the maps before pooling. */
  hintOn: z.enum(['features', 'maps']).optional(),
  /** Weights per exit, shallowest first, in place of those that alpha and lambda give; the deepest one's is the last. */
  labelWeights: exitWeights.optional(),
  distillWeights: exitWeights.optional(),
  hintWeights: exitWeights.optional()
})
export type Distillation = z.infer<typeof distillationSchema>

/** What `kd`, `fitnets` and `attention-transfer` learn from, and with which weights. */
export const teacherSchema = z.object({
  /** A run's folder or a checkpoint's file. */
  path: z.string().min(1),
  /** Its SHA-256, hex, once the run has begun: a teacher that has changed is refused. */
  hash: z.string().optional(),
  /** Weight of the labels' cross entropy. */
  labelWeight: z.number().min(0),
  /** Weight of what the method adds. */
  weight: z.number().min(0),
  /** Softmax divisor of `kd`, whose term carries its square. */
  temperature: z.number().positive(),
  /** The stage whose features `fitnets` compares, 1-based. */
  stage: z.number().int().min(1)
})
export type Teacher = z.infer<typeof teacherSchema>

/** Self-distillation over rounds (Mobahi et al. 2020): how many, and what compares with the last round's outputs. */
export const roundsSchema = z.object({
  /** Networks trained on the outputs of the one before; the first, on labels, is not counted. */
  count: z.number().int().min(1).max(50),
  /** `l2`: squared distance of logits; `cross-entropy`: with the last outputs' probabilities. */
  loss: z.enum(['l2', 'cross-entropy'])
})
export type Rounds = z.infer<typeof roundsSchema>

export const scheduleSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('constant') }),
  z.object({ kind: z.literal('cosine') }),
  z.object({
    kind: z.literal('step'),
    /** Epochs after which the learning rate is multiplied by factor. */
    milestones: z.array(z.number().positive()),
    factor: z.number().positive().max(1)
  })
])
export type Schedule = z.infer<typeof scheduleSchema>

/** What convolutions and matrix products are computed in; weights and sums stay float32. */
export const precisions = ['float32', 'bfloat16', 'float16'] as const
export type Precision = (typeof precisions)[number]

/** Everything that decides a run: the same configuration gives the same weights. */
export const runConfigSchema = z.object({
  network: networkChoiceSchema,
  method: z.enum(methodNames),
  /** Used by the method self-distillation only. */
  distillation: distillationSchema,
  /** Of the methods that have one. */
  teacher: teacherSchema.optional(),
  /** Of the method self-distillation-rounds. */
  rounds: roundsSchema.optional(),
  /** Of mutual-learning: weight of the KL from the other network, and its softmax divisor. */
  mutual: z.object({ weight: z.number().min(0), temperature: z.number().positive() }).optional(),
  /** Share of a label that is spread evenly over all classes (Szegedy et al. 2016); absent is 0. */
  labelSmoothing: z.number().min(0).max(0.9).optional(),
  /** Radius of sharpness-aware minimisation (Foret et al. 2021); absent is plain SGD. */
  samRadius: z.number().positive().max(10).optional(),
  data: z.object({
    /** A known data set's name, or a folder. */
    name: z.string().min(1),
    /** Training images used, drawn evenly over the classes; null takes all. */
    limit: z.number().int().min(1).nullable(),
    /** Share of training labels replaced by a random class. */
    labelNoise: fraction,
    /** Share of the training images held out. */
    validation: z.number().min(0).max(0.9)
  }),
  epochs: z.number().int().min(1),
  /** Images per step; BatchNorm needs two at least. */
  batchSize: z.number().int().min(2),
  learningRate: z.number().positive(),
  momentum: z.number().min(0).lt(1),
  nesterov: z.boolean(),
  weightDecay: z.number().min(0),
  schedule: scheduleSchema,
  /** Epochs in which the learning rate rises evenly from zero; absent is none. */
  warmupEpochs: z.number().min(0).max(1000).optional(),
  augmentation: z.object({
    /** Pixels of padding around the image before a random crop of the image's size; 0 is none. */
    cropPadding: z.number().int().min(0).max(16),
    flip: z.boolean(),
    /** Side of Cutout's hole, pixels: 16 on CIFAR-10, 8 on CIFAR-100 (DeVries and Taylor 2017); absent and 0 are none. */
    cutout: z.number().int().min(0).max(256).optional(),
    /** The policy that AutoAugment found on CIFAR-10 (Cubuk et al. 2019); absent is off. */
    autoAugment: z.boolean().optional()
  }),
  /** Absent is float32. */
  precision: z.enum(precisions).optional(),
  seed: z.number().int().min(0).max(0xffffffff)
})
export type RunConfig = z.infer<typeof runConfigSchema>

/** Networks that a run trains one after another. */
export const roundsOf = ({ method, rounds }: Pick<RunConfig, 'method' | 'rounds'>): number =>
  method === 'self-distillation-rounds' ? (rounds?.count ?? 1) + 1 : 1

/** Epochs of a whole run: those of every round. */
export const totalEpochs = (config: Pick<RunConfig, 'method' | 'rounds' | 'epochs'>): number =>
  config.epochs * roundsOf(config)
