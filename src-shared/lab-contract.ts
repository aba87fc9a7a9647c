import { z } from 'zod'
import { differenceProgress, engineCalls, exitCost, stageCost, statisticsProgress } from './contract.ts'
import { jobEventSchema, jobSchema, jobSpecSchema } from './jobs.ts'
import { libraryEditSchema, libraryItemSchema } from './library.ts'
import type { Contract } from './rpc.ts'
import { anyReportSchema, probeKinds, real, subjectSchema, type ProbeKind } from './reports.ts'
import { runConfigSchema } from './run-config.ts'

const nothing = z.object({})
const count = z.number().int().min(0)
const byId = z.object({ id: z.string().min(1) })

/** A probe's request without its checkpoints: the settings that a stored result was made with. */
export const settingsSchema = z.record(z.string(), z.unknown())
export type Settings = z.infer<typeof settingsSchema>

const networkPreview = z.object({
  /** For instance `ResNet18, width 8, 10 classes, 4 exits`. */
  network: z.string(),
  parameters: count,
  multiplyAdds: count,
  exits: z.array(exitCost),
  /** Before the first stage, and every stage: what it gives of one image, and what it costs without its exit's head. */
  stem: stageCost,
  stages: z.array(stageCost),
  tensors: z.array(z.object({ name: z.string(), shape: z.array(count) })),
  /** Steps per epoch. */
  steps: count,
  /** Side of the images as the network gets them, pixels. */
  size: count,
  /** Multiply-adds of one epoch's training: forward, twice as many back, and what the method adds. */
  epochMultiplyAdds: z.number(),
  /** What a step needs at least, about: weights, velocities, gradients and every layer's output. */
  memoryBytes: z.number(),
  /** What is worth knowing before the start, a sentence each. */
  warnings: z.array(z.string())
})

/** Every call that a window may ask of the engine process: request, result and progress, checked where they arrive. */
export const labCalls = {
  /** Where the lab keeps its things, and which program this is. */
  lab: {
    request: nothing,
    result: z.object({ home: z.string(), runs: z.string(), version: z.string(), pid: count })
  },
  doctor: engineCalls.doctor,
  listDatasets: engineCalls.listDatasets,
  addDataset: engineCalls.addDataset,
  removeDataset: engineCalls.removeDataset,
  inspect: engineCalls.inspect,
  /** Tells the statistics of a checkpoint's tensors as they are measured; gives how many there are. */
  tensorStatistics: {
    request: engineCalls.tensorStatistics.request,
    result: z.object({ tensors: count }),
    progress: statisticsProgress
  },
  /** Tells the differences of two checkpoints' tensors as they are compared; gives one sentence on all of them. */
  diffCheckpoints: {
    request: engineCalls.diffCheckpoints.request,
    result: z.object({ summary: z.string() }),
    progress: differenceProgress
  },
  exportCheckpoint: {
    /** `out` is null for one file that a browser fetches from `/exports/` and the name of the file that this gives. */
    request: engineCalls.exportCheckpoint.request.extend({ out: z.string().min(1).nullable() }),
    result: engineCalls.exportCheckpoint.result
  },

  nameArchitecture: engineCalls.nameArchitecture,
  findPreprocessing: engineCalls.findPreprocessing,
  setPreprocessing: engineCalls.setPreprocessing,

  /** Puts a job into the queue. Throws UserError where it cannot be started at all. */
  startJob: { request: z.object({ spec: jobSpecSchema }), result: jobSchema },
  /** All jobs, newest first. */
  jobs: { request: nothing, result: z.array(jobSchema) },
  /** Tells all jobs at once and after every change, until the call is cancelled. */
  watchJobs: { request: nothing, result: nothing, progress: z.array(jobSchema) },
  /** Tells a job's events until it has ended; cancelling this ends the following, never the job. */
  followJob: { request: byId, result: jobSchema, progress: jobEventSchema },
  pauseJob: { request: byId, result: jobSchema },
  resumeJob: { request: byId, result: jobSchema },
  cancelJob: { request: byId, result: jobSchema },

  library: { request: nothing, result: z.array(libraryItemSchema) },
  /** Adds a checkpoint to the library. Throws UserError with one sentence where it cannot be used. */
  openCheckpoint: { request: z.object({ path: z.string().min(1) }), result: libraryItemSchema },
  editItem: { request: byId.extend({ edit: libraryEditSchema }), result: libraryItemSchema },
  /** Forgets a file, moves a run of the lab to its trash; `restoreItem` undoes it. Samples can't be deleted. */
  deleteItem: { request: byId, result: nothing },
  restoreItem: { request: byId, result: libraryItemSchema },

  /**
   * What is stored of a kind of probe for checkpoints. With `settings`, entries measured with these; where there are
   * none, or without, those of the settings that most of the checkpoints (then the newest) were measured with.
   */
  findResult: {
    request: z.object({
      kind: z.enum(probeKinds as [ProbeKind, ...ProbeKind[]]),
      checkpoints: z.array(subjectSchema).min(1),
      settings: settingsSchema.nullable()
    }),
    result: z.object({
      /** Of the checkpoints that are stored, in the order asked for; null where there are none. */
      report: anyReportSchema.nullable(),
      /** Paths of the checkpoints that it lacks. */
      missing: z.array(z.string()),
      /** True where its settings are others than those asked for. */
      isStale: z.boolean(),
      /** What the missing ones (where stale, all) will take, guessed from earlier reports; NaN while unknown. */
      estimatedSeconds: real
    })
  },
  /** Of every checkpoint's file whether a result of a kind of probe with these settings is stored: no report is read. */
  hasResults: {
    request: z.object({
      kind: z.enum(probeKinds as [ProbeKind, ...ProbeKind[]]),
      paths: z.array(z.string().min(1)).min(1).max(1000),
      settings: settingsSchema
    }),
    /** In the order asked for. */
    result: z.object({ has: z.array(z.boolean()) })
  },

  /** Pixels of images of a data set, or of those in a file of outputs, at most 1,000 at once. */
  readImages: {
    request: z.object({
      /** A data set's name or path; with the split `given` the path of a file of outputs. */
      dataset: z.string().min(1),
      split: z.enum(['train', 'test', 'given']),
      indices: z.array(count).max(1000)
    }),
    result: z.object({
      /** Height, width, channels. */
      shape: z.tuple([count, count, count]),
      /** One image after the other, height x width x channels bytes each. */
      pixels: z.instanceof(Uint8Array),
      labels: z.array(count),
      classes: z.array(z.string())
    })
  },
  /** What a configuration would train: drawn while it is being chosen. */
  previewNetwork: {
    request: z.object({ config: runConfigSchema }),
    result: networkPreview
  },
  /** Training images, and what augmentation makes of each of them in a few draws. */
  previewAugmentation: {
    request: z.object({
      dataset: z.string().min(1),
      augmentation: runConfigSchema.shape.augmentation,
      seed: runConfigSchema.shape.seed,
      /** Positions in the train split. */
      indices: z.array(count).min(1).max(12),
      /** Of each image. */
      draws: z.number().int().min(1).max(6)
    }),
    result: z.object({
      /** Height, width, channels as the network gets them. */
      shape: z.tuple([count, count, count]),
      /** One image after the other, padded with black, height x width x channels bytes each. */
      originals: z.instanceof(Uint8Array),
      /** All draws of the first image, then of the next; Cutout's hole is in the data set's mean colour. */
      augmented: z.instanceof(Uint8Array),
      /** Class of each original, 0-based. */
      labels: z.array(count),
      classes: z.array(z.string())
    })
  }
} as const

export type LabCalls = typeof labCalls
export type LabContract = Contract<LabCalls>
export type LabResult<K extends keyof LabCalls> = z.infer<LabCalls[K]['result']>
export type LabRequest<K extends keyof LabCalls> = z.infer<LabCalls[K]['request']>
