import { z } from 'zod'
import {
  dataSelectionSchema,
  real,
  type OnProgress,
  type ProbeKind,
  type ProbeReport,
  type ProbeRequest
} from './reports.ts'
import {
  classNamesSchema,
  preprocessingCheckSchema,
  preprocessingSchema,
  settledPreprocessingSchema
} from './preprocessing.ts'
import { namedArchitectureSchema, networkChoiceSchema, runConfigSchema } from './run-config.ts'

const count = z.number().int().min(0)
const seed = count.max(0xffffffff)

export const backendNames = ['native', 'webgpu', 'wasm', 'cpu'] as const
/** Where tensors are computed, best first. */
export type BackendName = (typeof backendNames)[number]

export const executors = ['eager', 'graph', 'xla'] as const
/** How a step of a network is run on native: one call an operation; one call on the whole; that compiled by XLA. */
export type Executor = (typeof executors)[number]

export const doctorResult = z.object({
  backends: z.array(
    z.object({
      name: z.enum(backendNames),
      available: z.boolean(),
      /** For instance `CPU (oneDNN)` or the GPU's name; empty where not available. */
      device: z.string(),
      version: z.string(),
      /** One sentence: why it is not available and how to get it, or what to know about it. */
      reason: z.string()
    })
  ),
  chosen: z.enum(backendNames)
})

export const datasetSummary = z.object({
  name: z.string(),
  path: z.string(),
  classes: z.array(z.string()),
  trainCount: count,
  testCount: count,
  /** Height, width, channels as stored. */
  shape: z.tuple([count, count, count]),
  licence: z.string(),
  /** For people: `CIFAR binary`, `image folder, 1/5 of each class is the test split (seed 0)`. */
  format: z.string(),
  /** Height and width of the input of a network that is trained on it, pixels. */
  inputSize: count,
  /** Per channel over the train split, in 0..1; null for a data set that was not added by name. */
  mean: z.array(z.number()).nullable(),
  deviation: z.array(z.number()).nullable(),
  /** True for one that was added, and can be removed. */
  isRegistered: z.boolean()
})

/** Registers a data set by name. */
const datasetAddition = z.object({
  name: z.string().min(1),
  /** Its folder or file. */
  path: z.string().min(1),
  /** Side of the square that the images of a folder are resized to, pixels; null for 32. */
  size: z.number().int().min(8).max(1024).nullable(),
  /** Which of CIFAR-100's labels; null for the fine ones. */
  labels: z.enum(['fine', 'coarse']).nullable(),
  /** Copies its files into the lab's folder; otherwise they stay where they are. */
  copy: z.boolean()
})

export const exitCost = z.object({
  exit: count,
  /** Backbone up to the exit and its head. */
  parameters: count,
  multiplyAdds: count,
  /** Multiply-adds of the full network over those of the exit. */
  acceleration: z.number(),
  compression: z.number()
})

/** A stage, or what comes before the first: what it gives of one image, and what it costs without its exit's head. */
export const stageCost = z.object({
  channels: count,
  /** Side of the features, pixels. */
  size: count,
  multiplyAdds: count,
  parameters: count,
  convolutions: count
})

/** Type as safetensors names it, and lengths in PyTorch's order. */
const tensorHeader = z.object({ shape: z.array(count), dtype: z.string() })
/** What a tensor is for, and where in its network; absent where that is unknown. Stage 0 is the stem. */
const tensorPlace = {
  role: z.enum(['convolution', 'normalization', 'linear', 'bias', 'statistic', 'counter']).optional(),
  stage: count.optional(),
  part: z.enum(['backbone', 'head']).optional()
}

export const inspection = z.object({
  format: z.string(),
  family: z.string(),
  /** As people write it, for instance `WRN28-12`; absent of unknown networks. */
  title: z.string().optional(),
  depth: count,
  width: count,
  heads: z.string(),
  classes: count,
  inputChannels: count,
  parameters: count,
  multiplyAdds: count,
  exits: z.array(exitCost),
  tensors: z.array(tensorHeader.extend({ name: z.string(), ...tensorPlace })),
  /** Why it is no network known here, the end of a sentence that begins with the file; null where it is one. */
  misfit: z.string().nullable(),
  /** What is worth knowing of how it was read, a sentence each. */
  remarks: z.array(z.string()),
  /** What the file says beside its tensors, for instance `epoch`; long texts are cut. */
  notes: z.array(z.object({ name: z.string(), text: z.string() })),
  preprocessing: preprocessingSchema.nullable(),
  /** Names of its classes; empty where nobody says. */
  classNames: z.array(z.string()),
  /** Side of the images that costs and stages are of, pixels. */
  inputSize: count,
  /** Before the first stage, and every stage: what it gives of one image, without its exit's head; null and none of a graph. */
  stem: stageCost.nullable(),
  stages: z.array(stageCost),
  /** What it holds of a network's outputs in place of a network. */
  outputs: z.object({ exits: z.array(count), count, classes: count, hasImages: z.boolean() }).nullable(),
  /** Of a folder of checkpoints of one run, by epoch; the rest is then about the last of them. */
  frames: z
    .array(
      z.object({
        path: z.string(),
        /** For instance `epoch 12`. */
        label: z.string(),
        epoch: z.number().nullable(),
        /** SHA-256 of the file, hex. */
        hash: z.string(),
        /** ISO 8601, of the file. */
        changedAt: z.string()
      })
    )
    .optional()
})

const tensorStatisticsRow = tensorHeader.extend({
  name: z.string(),
  ...tensorPlace,
  count,
  /** These are of its finite values; NaN where there are none. */
  mean: real,
  deviation: real,
  min: real,
  max: real,
  norm: real,
  /** Share of exact zeros, 0..1. */
  zeroFraction: real,
  /** Share of values below 1e-8 of the largest magnitude, zeros among them, 0..1. */
  nearZeroFraction: real,
  nonFinite: count,
  /** Bins of equal width from `low` to `high`. */
  histogram: z.object({ low: real, high: real, counts: z.instanceof(Uint32Array) })
})
export type TensorStatisticsRow = z.infer<typeof tensorStatisticsRow>

const tensorDifferenceRow = z.object({
  name: z.string(),
  ...tensorPlace,
  /** null where it has no such tensor. */
  a: tensorHeader.nullable(),
  b: tensorHeader.nullable(),
  /** `equal` bit for bit and of one type; `shape`: both have it, in other shapes. */
  state: z.enum(['equal', 'differs', 'shape', 'onlyInA', 'onlyInB']),
  /** NaN where they were not compared. */
  maxAbs: real,
  meanAbs: real,
  /** L2 norm of the difference over that in `a`; infinite where only that is zero. */
  relative: real,
  cosine: real,
  /** Share of values that are not the same bit for bit, 0..1. */
  unequalFraction: real
})
export type TensorDifferenceRow = z.infer<typeof tensorDifferenceRow>

/** Telling of rows as they are ready, and how far the whole is, 0..1. */
const telling = <T extends z.ZodType>(row: T) => z.object({ fraction: z.number(), tensors: z.array(row) })
export const statisticsProgress = telling(tensorStatisticsRow)
export const differenceProgress = telling(tensorDifferenceRow)

export const exportFormats = ['safetensors', 'pytorch', 'tfjs'] as const
/** Formats that weights can be written in: safetensors and `.pth` with PyTorch's names, or a folder for tfjs. */
export type ExportFormat = (typeof exportFormats)[number]

const measured = z.object({ accuracy: z.number(), loss: z.number() })
export const evaluation = z.object({
  exits: z.array(measured.extend({ exit: count })),
  /** Mean of the exits' logits. */
  ensemble: measured,
  /** How images were prepared, where somebody said so. */
  preprocessing: preprocessingSchema.optional(),
  /** A fingerprint of its network, where somebody named it. */
  architecture: z.string().optional()
})

const prediction = z.object({
  exits: z.array(
    z.object({
      exit: count,
      /** One row per image. */
      logits: z.array(z.array(z.number())),
      features: z.array(z.array(z.number()))
    })
  ),
  ensemble: z.object({ logits: z.array(z.array(z.number())) })
})

/** What to check; `limit` images are drawn evenly over the classes of the test split. */
export const preprocessingCheckRequest = z.object({
  path: z.string().min(1),
  /** A known data set's name, or a folder. */
  data: z.string().min(1),
  limit: z.number().int().min(10).max(10_000),
  seed,
  /** What to begin with in place of what is set or guessed; null for that. */
  preprocessing: preprocessingSchema.nullable()
})

const onData = z.object({ path: z.string().min(1), data: dataSelectionSchema, seed })

/** Every call that may be asked of the engine: its request and its result, checked where they arrive. */
export const engineCalls = {
  doctor: { request: z.object({}), result: doctorResult },
  listDatasets: { request: z.object({}), result: z.array(datasetSummary) },
  addDataset: { request: datasetAddition, result: datasetSummary },
  /** Forgets a data set that was added; files are deleted only where they are the lab's own copy. */
  removeDataset: {
    request: z.object({ name: z.string().min(1) }),
    result: z.object({ name: z.string(), path: z.string(), isDeleted: z.boolean() })
  },
  train: {
    request: z.object({
      /** The run's folder. */
      out: z.string().min(1),
      /** null goes on with the run that lies in `out`. */
      config: runConfigSchema.nullable()
    }),
    result: evaluation.extend({ run: z.string(), epochsDone: count })
  },
  inspect: { request: z.object({ path: z.string().min(1) }), result: inspection },
  predict: { request: onData, result: prediction },
  evaluate: { request: onData, result: evaluation },
  /** Asks a checkpoint's deepest exit for the same images, prepared in all likely ways. */
  checkPreprocessing: { request: preprocessingCheckRequest, result: preprocessingCheckSchema },
  /** What a checkpoint's images are prepared with on a data set. */
  findPreprocessing: {
    request: z.object({ path: z.string().min(1), data: z.string().min(1) }),
    result: settledPreprocessingSchema
  },
  /** Keeps beside a checkpoint's file how its images are prepared, and what its classes are called; null takes it back. */
  setPreprocessing: {
    request: z.object({
      path: z.string().min(1),
      preprocessing: preprocessingSchema.nullable().optional(),
      classes: classNamesSchema.nullable().optional()
    }),
    /** The file written; `isInLab` where the checkpoint's folder can't be written, and it holds for this lab. */
    result: z.object({ path: z.string(), isInLab: z.boolean() })
  },
  /** A checkpoint's tensors beside a network that a person names; kept where `save`, if it fits. */
  nameArchitecture: {
    request: z.object({
      path: z.string().min(1),
      network: networkChoiceSchema,
      /** null for the names that are ours, else by order and shapes. */
      keys: namedArchitectureSchema.shape.keys.nullable(),
      save: z.boolean()
    }),
    result: z.object({
      /** For instance `ResNet18`. */
      title: z.string(),
      /** For instance `ResNet18, width 8, 10 classes, 4 exits`. */
      description: z.string(),
      /** Why the file's tensors are not this network's, the end of a sentence; null where they are. */
      misfit: z.string().nullable(),
      /** Those that were given, else what was found. */
      keys: namedArchitectureSchema.shape.keys,
      /** What tells them: a person, our own names, the order of the tensors; a `guess` is kept only once it is given. */
      keysFrom: z.enum(['given', 'names', 'order', 'guess']),
      /** In the network's order, by our names. */
      layers: z.array(
        z.object({
          layer: z.string(),
          /** Its name in the file. */
          file: z.string(),
          state: z.enum(['found', 'missing', 'reshaped']),
          /** Of its first tensor that is not found, else of its first: what the network needs, and what the file has. */
          shape: z.array(count),
          found: z.array(z.number()).nullable()
        })
      ),
      /** Tensors of the file that the network does not have. */
      unexpected: z.array(z.string()),
      /** Where it was kept; null where it was not. */
      savedIn: z.string().nullable()
    })
  },
  /** What the values of every tensor are like. */
  tensorStatistics: {
    request: z.object({ path: z.string().min(1) }),
    result: z.object({ path: z.string(), tensors: z.array(tensorStatisticsRow) })
  },
  /** Two checkpoints compared tensor by tensor, by name. */
  diffCheckpoints: {
    request: z.object({ a: z.string().min(1), b: z.string().min(1) }),
    /** `summary` is one sentence. */
    result: z.object({ a: z.string(), b: z.string(), summary: z.string(), tensors: z.array(tensorDifferenceRow) })
  },
  exportCheckpoint: {
    request: z.object({
      path: z.string().min(1),
      out: z.string().min(1),
      /** By default as the ending of `out` says; safetensors where it says nothing. */
      format: z.enum(exportFormats).optional()
    }),
    /** The file or folder written, and all its bytes. */
    result: z.object({ out: z.string(), bytes: count })
  }
} as const

export type EngineCalls = typeof engineCalls
export type EngineRequest<K extends keyof EngineCalls> = z.infer<EngineCalls[K]['request']>
export type EngineResult<K extends keyof EngineCalls> = z.infer<EngineCalls[K]['result']>
/** What every call of an engine that uses a network is computed with; what is absent is chosen. */
export type EngineOptions = { backend?: BackendName; executor?: Executor }
export type CallOptions = { onProgress?: OnProgress; signal?: AbortSignal }

/** What the engine offers; inferred from the schemas above and the table of probes. */
export type EngineContract = {
  [K in keyof EngineCalls]: (request: EngineRequest<K>, options?: CallOptions) => Promise<EngineResult<K>>
} & {
  runProbe<K extends ProbeKind>(kind: K, request: ProbeRequest<K>, options?: CallOptions): Promise<ProbeReport<K>>
}
