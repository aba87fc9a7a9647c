import { z } from 'zod'
import { preprocessingSchema } from './preprocessing.ts'

/** A number that may be NaN or infinite; JSON holds such a one as null. */
export const real = z.union([
  z.number(),
  z.nan(),
  z.literal(Infinity),
  z.literal(-Infinity),
  z.null().transform(() => NaN)
])
const count = z.number().int().min(0)

/** Which images a measurement runs on. */
export const dataSelectionSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('dataset'),
    /** A known data set's name, or a folder. */
    name: z.string(),
    split: z.enum(['train', 'test']),
    /** Images drawn evenly over the classes, seeded; null takes all. */
    limit: z.number().int().min(1).nullable(),
    /** True where `limit` is nobody's wish but a default: a split with fewer images is taken whole. */
    orFewer: z.boolean().optional()
  }),
  z.object({
    kind: z.literal('arrays'),
    /** File of little-endian float32, used as they are (NHWC). */
    imagesPath: z.string(),
    shape: z.tuple([count, count, count, count]),
    labels: z.array(count).nullable()
  })
])
export type DataSelection = z.infer<typeof dataSelectionSchema>

/** One of the checkpoints that a probe compares. */
export const subjectSchema = z.object({
  path: z.string(),
  /** Shown in legends; the folder's or file's name by default. */
  name: z.string().optional(),
  /** Checkpoints of one group differ in their seed only. */
  group: z.string().optional(),
  /** For instance `baseline` or `self-distillation`. */
  role: z.string().optional(),
  seed: z.number().int().optional()
})
export type Subject = z.infer<typeof subjectSchema>

const common = { checkpoints: z.array(subjectSchema).min(1), data: dataSelectionSchema, seed: z.number().int().min(0) }

export const embeddingRequestSchema = z.object({
  ...common,
  method: z.enum(['umap', 'pca']),
  dims: z.union([z.literal(2), z.literal(3)]),
  /** UMAP's number of neighbours. */
  neighbors: z.number().int().min(2).max(500),
  /** UMAP's smallest distance between points on the map. */
  minDist: z.number().min(0).max(1)
})

export const discriminativenessRequestSchema = z.object({
  ...common,
  features: z.enum(['raw', 'standardized', 'normalized']),
  /** Bootstrap resamples within classes for the ratio's interval. */
  resamples: count.max(10_000)
})

export const protocols = ['a', 'b', 'c'] as const
/** Weight-noise protocols A, B and C of SCIENCE section 1, 'Flat minima'. */
export type Protocol = (typeof protocols)[number]

export const flatnessRequestSchema = z.object({
  ...common,
  /** `auto` bisects to accuracy drops of 1, 5, 10 and 50 points. */
  sigmas: z.union([z.literal('auto'), z.array(z.number().min(0)).min(1)]),
  draws: z.number().int().min(1).max(1000),
  protocols: z.array(z.enum(protocols)).min(1),
  split: z.enum(['train', 'test', 'both', 'given'])
})

export const gradientsRequestSchema = z.object({
  ...common,
  /** A named loss instead of the checkpoints' own. */
  preset: z.literal('autodidact-default').optional(),
  /** Overrides of the loss; by default what all checkpoints were trained with, else `autodidact-default`. */
  method: z.enum(['baseline', 'deep-supervision', 'self-distillation']).optional(),
  alpha: z.number().min(0).max(1).optional(),
  lambda: z.number().min(0).optional(),
  temperature: z.number().positive().optional(),
  /** Images per batch; null takes all in one. */
  batchSize: z.number().int().min(2).nullable()
})

export const historyRequestSchema = z.object({ checkpoints: z.array(subjectSchema).min(1) })

/** What was measured, on what, by which software: kept in every report. */
export const provenanceSchema = z.object({
  seed: z.number().int(),
  data: z.object({ name: z.string(), hash: z.string(), split: z.string(), count }).nullable(),
  software: z.record(z.string(), z.string()),
  backend: z.string(),
  device: z.string(),
  /** ISO 8601. */
  createdAt: z.string(),
  /** Wall time of the probe. */
  seconds: real
})
export type Provenance = z.infer<typeof provenanceSchema>

const entry = {
  path: z.string(),
  name: z.string(),
  group: z.string(),
  role: z.string(),
  seed: z.number().int(),
  /** SHA-256 of the weights file, hex. */
  hash: z.string(),
  /** For instance `ResNet18, width 8, 10 classes, 4 exits`. */
  network: z.string(),
  /** How images were prepared, where somebody said so; absent where the file or its network decides. */
  preprocessing: preprocessingSchema.optional(),
  /** A fingerprint of its network, where somebody named it; absent where the file or its tensors tell. */
  architecture: z.string().optional(),
  /** What it was measured on where that are not the report's images: those that a file of outputs brought. */
  data: z.object({ name: z.string(), hash: z.string(), split: z.string(), count }).optional()
}
/** 0-based; bounded, because figures make a colour for each. */
const classNumber = count.max(65_535)
const exit = z.number().int().min(1)
const scatter = z.object({ sse: real, ssb: real, ratio: real })

export const embeddingEntrySchema = z.object({
  ...entry,
  /** Positions of the images in the split. */
  indices: z.array(count),
  labels: z.array(classNumber),
  exits: z.array(
    z.object({
      exit,
      /** One row of `dims` coordinates per image. */
      points: z.array(z.array(real)),
      predictions: z.array(classNumber),
      /** How far the map can be trusted. */
      quality: z.object({
        /** Share of map neighbours that are neighbours in feature space too, 0..1 (Venna and Kaski 2001). */
        trustworthiness: real,
        /** Share of the variance in the first `dims` components; PCA only. */
        explainedVariance: real.optional()
      }),
      /** In the full feature space, never on the map. */
      discriminativeness: scatter.extend({ /** Features of the space. */ dimensions: count.optional() })
    })
  )
})

export const discriminativenessEntrySchema = z.object({
  ...entry,
  count,
  classes: count,
  warnings: z.array(z.string()),
  exits: z.array(
    z.object({
      exit,
      /** Features kept, of all. */
      dimensions: count,
      /** Features without any variance, dropped when standardising. */
      deadDimensions: count,
      sse: real,
      ssb: real,
      /** sse / ssb; smaller means denser classes. */
      ratio: real,
      /** 10 to 90 % over bootstrap resamples within classes. */
      ratioInterval: z.object({ low: real, high: real }),
      /** ssb - (C - 1) sse / (N - C). */
      unbiasedSsb: real,
      /** Mean silhouette coefficient (Rousseeuw 1987), -1..1. */
      silhouette: real,
      /** Leave-one-out accuracy of the 10 nearest neighbours' vote, 0..1. */
      knnAccuracy: real,
      perClass: z.array(z.object({ class: count, count, sse: real, ssb: real }))
    })
  )
})

const band = z.object({ mean: real, low: real, high: real })

export const flatnessEntrySchema = z.object({
  ...entry,
  exits: z.array(
    z.object({
      exit,
      split: z.enum(['train', 'test', 'given']),
      protocol: z.enum(protocols),
      sigma: real,
      /** Mean and 10 to 90 % over the draws. */
      accuracy: band,
      loss: band,
      /** Loss with the logits divided by the temperature fitted at sigma 0. */
      calibratedLoss: band
    })
  ),
  /** Sigma at which mean accuracy has fallen by `drop` points; NaN where no sigma measured gets there. */
  drops: z.array(
    z.object({
      exit,
      split: z.enum(['train', 'test', 'given']),
      protocol: z.enum(protocols),
      /** Percentage points. */
      drop: real,
      sigma: real
    })
  )
})

export const gradientsEntrySchema = z.object({
  ...entry,
  method: z.string(),
  layers: z.array(
    z.object({
      /** The tensor's name in the checkpoint. */
      name: z.string(),
      /** 0 is the stem; 1.. the stages, and of a head's layer the stage it hangs on. */
      stage: count,
      role: z.enum(['convolution', 'normalization', 'linear', 'bias']),
      /** Where the layer lies: in the backbone or in the exit head of its stage. */
      part: z.enum(['backbone', 'head']),
      meanAbs: real,
      /** meanAbs over that of the backbone's last convolution. */
      relative: real,
      /** ||g|| ||w||, which no rescaling of weights before BatchNorm changes. */
      timesNorm: real
    })
  ),
  terms: z.array(
    z.object({
      term: z.enum(['crossEntropy', 'kl', 'hint']),
      exit,
      layers: z.array(
        z.object({
          name: z.string(),
          meanAbs: real,
          /** <g_term, g> / ||g||^2, signed; the terms' shares sum to 1. */
          share: real
        })
      )
    })
  ),
  /** Terms per exit before weighting (kl with its temperature squared), total after. */
  losses: z.object({ total: real, crossEntropy: z.array(real), kl: z.array(real), hint: z.array(real) })
})

/** Terms of losses, as they are called in records. */
export const lossTermNames = ['crossEntropy', 'kl', 'hint', 'attention', 'mutual', 'outputs'] as const
export type LossTermName = (typeof lossTermNames)[number]

/**
 * What each term adds to the total, weighted and summed over exits: labels, KL from a teacher, hint, attention maps, KL from
 * the other network, outputs of the round before. The total of `byot-journal` counts the teacher's entropy, too, which nothing
 * can change. Absent in older runs: then alpha and lambda say it.
 */
const weightedTerms = z.partialRecord(z.enum(lossTermNames), real).optional()

export const stepRecordSchema = z.object({
  /** 1-based, over the whole run. */
  step: count,
  /** 1-based. */
  epoch: count,
  learningRate: real,
  total: real,
  crossEntropy: z.array(real),
  kl: z.array(real),
  hint: z.array(real),
  weighted: weightedTerms,
  /** Per exit, on the step's own augmented batch. */
  trainAccuracy: z.array(real),
  /** Mean |gradient| over the convolution weights of the stem (first) and each stage. */
  gradientMagnitude: z.array(real),
  imagesPerSecond: real
})
export type StepRecord = z.infer<typeof stepRecordSchema>

const measuredExits = z.object({ accuracy: z.array(real), loss: z.array(real) })

export const epochRecordSchema = z.object({
  epoch: count,
  /** Means over the epoch's steps. */
  learningRate: real,
  total: real,
  crossEntropy: z.array(real),
  kl: z.array(real),
  hint: z.array(real),
  weighted: weightedTerms,
  trainAccuracy: z.array(real),
  gradientMagnitude: z.array(real),
  imagesPerSecond: real,
  /** Wall time of all steps so far, without testing, seconds. Absent in older runs. */
  trainSeconds: real.optional(),
  /** Multiply-adds of all steps so far, forward and back, what teaches included. Absent in older runs. */
  trainMultiplyAdds: real.optional(),
  test: measuredExits.extend({ ensembleAccuracy: real, ensembleLoss: real }),
  /** Present where a part of train is held out. */
  validation: measuredExits.optional()
})
export type EpochRecord = z.infer<typeof epochRecordSchema>

/** Values of one tag that another program logged while a network was trained, by ascending step. */
const loggedCurveSchema = z.object({
  /** As in the log, for instance `train/loss`. */
  tag: z.string(),
  /** The log, from the checkpoint's folder. */
  file: z.string(),
  unit: z.enum(['step', 'epoch']),
  /** At most 2,000: extremes are kept. */
  steps: z.array(z.number()),
  values: z.array(real),
  /** Seconds since 1970; empty where the log has none. */
  wallTimes: z.array(real)
})
export type LoggedCurve = z.infer<typeof loggedCurveSchema>

export const historyEntrySchema = z.object({
  ...entry,
  method: z.string(),
  /** Which exits the lists of the records are of, in their order. */
  exits: z.array(exit),
  weights: z.object({ alpha: real, lambda: real, temperature: real }),
  /** Of self-distillation over rounds: epochs of each network, trained one after another; absent of others. */
  epochsPerRound: count.optional(),
  steps: z.array(stepRecordSchema),
  epochs: z.array(epochRecordSchema),
  /** Of a checkpoint that is no run: what lies beside it, in place of records. */
  curves: z.array(loggedCurveSchema).optional(),
  /** What is worth knowing of these, a sentence each; where there are none, where they were looked for. */
  remarks: z.array(z.string()).optional()
})

const report = <K extends string, R extends z.ZodType, E extends z.ZodType>(kind: K, request: R, checkpoint: E) =>
  z.object({ kind: z.literal(kind), request, provenance: provenanceSchema, checkpoints: z.array(checkpoint).min(1) })

/** Request and report of every probe; the only list of probe kinds. */
export const probes = {
  embedding: {
    request: embeddingRequestSchema,
    report: report('embedding', embeddingRequestSchema, embeddingEntrySchema)
  },
  discriminativeness: {
    request: discriminativenessRequestSchema,
    report: report('discriminativeness', discriminativenessRequestSchema, discriminativenessEntrySchema)
  },
  flatness: { request: flatnessRequestSchema, report: report('flatness', flatnessRequestSchema, flatnessEntrySchema) },
  gradients: {
    request: gradientsRequestSchema,
    report: report('gradients', gradientsRequestSchema, gradientsEntrySchema)
  },
  history: { request: historyRequestSchema, report: report('history', historyRequestSchema, historyEntrySchema) }
} as const

/** A report of any kind. */
export const anyReportSchema = z.discriminatedUnion('kind', [
  probes.embedding.report,
  probes.discriminativeness.report,
  probes.flatness.report,
  probes.gradients.report,
  probes.history.report
])

export type ProbeKind = keyof typeof probes
export type ProbeRequest<K extends ProbeKind> = z.infer<(typeof probes)[K]['request']>
export type ProbeReport<K extends ProbeKind> = z.infer<(typeof probes)[K]['report']>
export type AnyReport = { [K in ProbeKind]: ProbeReport<K> }[ProbeKind]
export const probeKinds = Object.keys(probes) as ProbeKind[]

/** How far a long call has come. */
export type Progress<Partial = unknown> = {
  /** 0..1 */
  fraction: number
  /** NaN while unknown. */
  secondsLeft: number
  /** What is being done now, for instance `Testing epoch 3 of 12`. */
  message?: string
  /** A first, coarser result. */
  partial?: Partial
}
export type OnProgress<Partial = unknown> = (progress: Progress<Partial>) => void
