import { z } from 'zod'
import { backendNames, doctorResult, evaluation } from '../../../src-shared/contract.ts'
import { jobProgressSchema, jobSpecSchema, liveHistorySchema } from '../../../src-shared/jobs.ts'
import { preprocessingCheckSchema } from '../../../src-shared/preprocessing.ts'
import { anyReportSchema } from '../../../src-shared/reports.ts'
import type { Contract } from '../../../src-shared/rpc.ts'

const nothing = z.object({})
const backend = z.enum(backendNames).nullable()

/** A job as its process needs it. */
export const taskSchema = z.object({
  spec: jobSpecSchema,
  /** Folder of the run to train; null for other kinds. Holds a run already where it is gone on with. */
  run: z.string().nullable(),
  /** null takes the best that works. */
  backend,
  /** Threads that the run was begun with; null where it is new, or where any number does. */
  threads: z.number().int().min(1).nullable(),
  /** How long to wait for a process that is about to leave the run's folder, milliseconds. */
  lockPatienceMs: z.number(),
  /** True where somebody wants the run's live history. */
  isFollowed: z.boolean()
})
export type Task = z.infer<typeof taskSchema>

/** What a job process tells while it works. */
export const newsSchema = z.object({
  progress: jobProgressSchema.optional(),
  /** A coarser result. */
  report: anyReportSchema.optional(),
  live: liveHistorySchema.optional()
})
export type News = z.infer<typeof newsSchema>

const outcomeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('trained') }),
  z.object({ kind: z.literal('evaluated'), result: evaluation }),
  z.object({ kind: z.literal('checked'), check: preprocessingCheckSchema }),
  z.object({ kind: z.literal('measured'), report: anyReportSchema }),
  /** `stop` was asked for; of a training a checkpoint has been kept. */
  z.object({ kind: z.literal('stopped') })
])
/** How a task ended. */
export type Outcome = z.infer<typeof outcomeSchema>

/** What the engine process asks of a job process, which works on one task at a time. */
export const jobCalls = {
  /** Whether a backend works, tried in a process that is thrown away. */
  tryBackend: {
    request: z.object({ name: z.enum(backendNames) }),
    result: doctorResult.shape.backends.element.omit({ name: true })
  },
  /** Opens the backend, so that the next task starts at once. */
  warm: { request: z.object({ backend }), result: nothing },
  run: { request: taskSchema, result: outcomeSchema, progress: newsSchema },
  /** Ends the task at its next chance; `run` answers then. */
  stop: { request: nothing, result: nothing },
  /** Whether the live history of the run in training is wanted: all of it first, then what is new. */
  follow: { request: z.object({ isWanted: z.boolean() }), result: nothing }
} as const

export type JobCalls = Contract<typeof jobCalls>
