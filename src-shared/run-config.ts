import { z } from 'zod'

const fraction = z.number().min(0).max(1)

/** Networks that can be trained here. */
export const networkNames = ['resnet18', 'resnet34', 'resnet50'] as const
export type NetworkName = (typeof networkNames)[number]

/** Training methods: `baseline` trains the deepest exit only, `deep-supervision` gives the labels to every exit. */
export const methodNames = ['baseline', 'deep-supervision', 'self-distillation'] as const
export type MethodName = (typeof methodNames)[number]

/** Weights of the self-distillation loss (SCIENCE section 1). */
export const distillationSchema = z.object({
  /** Weight of distillationLoss at every shallow exit; labelLoss gets 1 - alpha. */
  alpha: fraction,
  /** Weight of hintLoss, the mean over the batch of the squared L2 distance of pooled features. */
  lambda: z.number().min(0),
  /** Softmax divisor; the KL term carries its square. */
  temperature: z.number().positive()
})
export type Distillation = z.infer<typeof distillationSchema>

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
  network: z.object({ name: z.enum(networkNames), width: z.number().int().min(1).max(1024) }),
  method: z.enum(methodNames),
  /** Used by the method self-distillation only. */
  distillation: distillationSchema,
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
  augmentation: z.object({
    /** Pixels of padding around the image before a random crop of the image's size; 0 is none. */
    cropPadding: z.number().int().min(0).max(16),
    flip: z.boolean()
  }),
  /** Absent is float32. */
  precision: z.enum(precisions).optional(),
  seed: z.number().int().min(0).max(0xffffffff)
})
export type RunConfig = z.infer<typeof runConfigSchema>
