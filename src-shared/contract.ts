import { z } from 'zod'
import { dataSelectionSchema, type OnProgress, type ProbeKind, type ProbeReport, type ProbeRequest } from './reports.ts'
import { runConfigSchema } from './run-config.ts'

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
  tensors: z.array(z.object({ name: z.string(), shape: z.array(count), dtype: z.string() }))
})

const measured = z.object({ accuracy: z.number(), loss: z.number() })
export const evaluation = z.object({
  exits: z.array(measured.extend({ exit: count })),
  /** Mean of the exits' logits. */
  ensemble: measured
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
  exportCheckpoint: {
    request: z.object({ path: z.string().min(1), out: z.string().min(1) }),
    /** The file written. */
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
