import { z } from 'zod'
import { preprocessingCheckRequest } from './contract.ts'
import { preprocessingCheckSchema } from './preprocessing.ts'
import {
  anyReportSchema,
  dataSelectionSchema,
  epochRecordSchema,
  probes,
  real,
  stepRecordSchema,
  type ProbeKind,
  type ProbeRequest
} from './reports.ts'
import { distillationSchema, methodNames, runConfigSchema } from './run-config.ts'

const path = z.string().min(1)

const probeSpec = <K extends ProbeKind, R extends z.ZodType>(probe: K, request: R) =>
  z.object({ kind: z.literal('probe'), probe: z.literal(probe), request })

/** What a job is to do. */
export const jobSpecSchema = z.union([
  z.object({
    kind: z.literal('train'),
    /** Of the run's folder below the lab's runs; a number is added where it is taken. */
    name: z.string().min(1).max(120),
    config: runConfigSchema
  }),
  /** Goes on with the run that lies in the folder `run`. */
  z.object({ kind: z.literal('resume'), run: path }),
  z.object({ kind: z.literal('evaluate'), path, data: dataSelectionSchema, seed: z.number().int().min(0) }),
  /** Looks which preprocessing a checkpoint does best with. */
  preprocessingCheckRequest.extend({ kind: z.literal('preprocessing') }),
  probeSpec('embedding', probes.embedding.request),
  probeSpec('discriminativeness', probes.discriminativeness.request),
  probeSpec('flatness', probes.flatness.request),
  probeSpec('gradients', probes.gradients.request),
  probeSpec('history', probes.history.request)
])
export type JobSpec = z.infer<typeof jobSpecSchema>
export type ProbeSpec<K extends ProbeKind = ProbeKind> = { kind: 'probe'; probe: K; request: ProbeRequest<K> }

export const jobStates = ['waiting', 'running', 'paused', 'done', 'failed', 'cancelled'] as const
/** `paused` is of training only: its checkpoint is on the disk and nothing runs. */
export type JobState = (typeof jobStates)[number]

export const jobProgressSchema = z.object({
  /** 0..1 */
  fraction: real,
  /** NaN while unknown. */
  secondsLeft: real,
  message: z.string()
})
export type JobProgress = z.infer<typeof jobProgressSchema>

/** One piece of work for a job process, as everybody sees it. */
export const jobSchema = z.object({
  id: z.string(),
  spec: jobSpecSchema,
  /** For people, for instance `Train noisy-baseline-0` or `Flatness of 3 checkpoints`. */
  title: z.string(),
  state: z.enum(jobStates),
  progress: jobProgressSchema,
  /** ISO 8601. */
  createdAt: z.string(),
  startedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
  /** One sentence where the job failed; otherwise null. */
  error: z.string().nullable(),
  /** Folder of the run that it trains; null for other kinds. */
  run: z.string().nullable(),
  /** Times it has been started: a job whose process died is started again, but not for ever. */
  attempts: z.number().int()
})
export type Job = z.infer<typeof jobSchema>

/** What is known of a run beside its records: all that is needed to draw its history. */
export const liveHeaderSchema = z.object({
  /** The run's folder. */
  run: z.string(),
  method: z.enum(methodNames),
  /** Which exits the lists of the records are of, in their order. */
  exits: z.array(z.number().int()),
  weights: distillationSchema,
  epochs: z.number().int(),
  stepsPerEpoch: z.number().int(),
  /** Of self-distillation over rounds: epochs of each network; absent of others. */
  epochsPerRound: z.number().int().optional(),
  /** For instance `ResNet18, width 8, 10 classes, 4 exits`. */
  network: z.string()
})

/** News of a run in training: the records since the last event; all that is there where `isStart`. */
export const liveHistorySchema = z.object({
  /** True where what came before is to be forgotten. */
  isStart: z.boolean(),
  header: liveHeaderSchema,
  /** Means over neighbouring steps, at most some 2,000 over the whole run. */
  steps: z.array(stepRecordSchema),
  epochs: z.array(epochRecordSchema)
})
export type LiveHistory = z.infer<typeof liveHistorySchema>

/** What a follower of a job is told: its state, and what is new of its result. */
export const jobEventSchema = z.object({
  job: jobSchema,
  /** A coarser result while the job runs; the whole one at its end. */
  report: anyReportSchema.optional(),
  live: liveHistorySchema.optional(),
  /** What a check of the preprocessing found; at its end. */
  check: preprocessingCheckSchema.optional()
})
export type JobEvent = z.infer<typeof jobEventSchema>

/** True for a job that trains a run, false for one that measures. */
export const isTraining = ({ spec }: Pick<Job, 'spec'>): boolean => spec.kind === 'train' || spec.kind === 'resume'

/** True while a job may still do something. */
export const isActive = ({ state }: Pick<Job, 'state'>): boolean =>
  state === 'waiting' || state === 'running' || state === 'paused'
