import { z } from 'zod'
import { executors } from '../../../src-shared/contract.ts'
import { findNetwork } from '../../../src-shared/networks/find-network.ts'
import { runConfigSchema, trainsEveryExit, type RunConfig } from '../../../src-shared/run-config.ts'
import { buildNetwork } from '../model/build-network.ts'
import type { Network } from '../model/layer.ts'

/** Raised when a run folder's layout changes. */
export const runSchemaVersion = 1

/** `manifest.json` of a run: everything that decides it, and what made it. */
export const manifestSchema = z.object({
  schemaVersion: z.literal(runSchemaVersion),
  config: runConfigSchema,
  data: z.object({
    name: z.string(),
    /** SHA-256 of the data set's files, hex. */
    hash: z.string(),
    classes: z.array(z.string()).min(2),
    /** Colour channels. */
    channels: z.number().int().min(1),
    /** Pixels of the square that images are padded to. */
    size: z.number().int().min(1),
    /** Per channel, of pixels in 0..1. */
    mean: z.array(z.number()),
    deviation: z.array(z.number())
  }),
  /** What the run learns from. */
  teacher: z
    .object({
      /** For instance `ResNet50, width 16, 10 classes, 4 exits`. */
      network: z.string(),
      /** What its own training took; null where nothing tells. */
      trainSeconds: z.number().nullable(),
      trainMultiplyAdds: z.number().nullable()
    })
    .optional(),
  software: z.record(z.string(), z.string()),
  backend: z.object({ name: z.string(), device: z.string(), version: z.string() }),
  /** How steps are computed: with the same seed it decides the weights' last bits. Absent in older runs: op by op. */
  execution: z
    .object({
      executor: z.enum(executors),
      threads: z.number().int().min(1),
      /** Why this executor. */
      reason: z.enum(['asked', 'usual', 'measured']),
      /** What was measured at the start, milliseconds. */
      msPerStep: z.partialRecord(z.enum(executors), z.number())
    })
    .optional(),
  /** ISO 8601. */
  createdAt: z.string()
})
export type Manifest = z.infer<typeof manifestSchema>

/** What decides a run's network. */
export type NetworkOrigin = {
  config: Pick<RunConfig, 'network' | 'method'>
  data: Pick<Manifest['data'], 'classes' | 'channels'> & { size?: number }
}

/**
 * The network that a run trains. Most methods have its deepest exit only: nothing would train the others. Throws
 * UsageError where there is no such network, or its parts do not fit together.
 */
export function networkOf({ config, data }: NetworkOrigin): Network {
  const { width, head, headWidth, attention } = config.network
  return buildNetwork({
    member: findNetwork(config.network),
    width,
    classes: data.classes.length,
    inputChannels: data.channels,
    size: data.size,
    exits: trainsEveryExit(config.method) ? 'all' : 'deepest',
    head,
    headWidth,
    attention
  })
}
