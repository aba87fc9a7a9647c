import { z } from 'zod'
import { exitCost } from './contract.ts'

const count = z.number().int().min(0)

/** A checkpoint that the lab knows: a shipped sample, a run of ours, or a file that was opened. */
export const libraryItemSchema = z.object({
  /** Stays the same for a path. */
  id: z.string(),
  path: z.string(),
  name: z.string(),
  source: z.enum(['sample', 'run', 'file']),
  /** `missing`: nothing lies at the path any more; `unreadable`: see `problem`; `empty`: a run without a checkpoint. */
  state: z.enum(['ready', 'training', 'paused', 'empty', 'missing', 'unreadable']),
  /** One sentence where it cannot be used; otherwise empty. */
  problem: z.string(),
  /** For instance `ResNet18, width 8, 10 classes, 4 exits`; empty where unknown. */
  network: z.string(),
  /** Checkpoints of one group differ in their seed only. */
  group: z.string(),
  /** For instance `baseline` or `self-distillation`; `unknown` where the file does not say. */
  role: z.string(),
  seed: z.number().int(),
  /** SHA-256 of the weights file, hex; empty where it cannot be read. */
  hash: z.string(),
  /** The data set that it was trained on; empty where the file does not say. */
  dataset: z.string(),
  classes: z.array(z.string()),
  /** Of every exit its cost, and its accuracy (0..1) on the test split where that has been measured. */
  exits: z.array(exitCost.extend({ accuracy: z.number().nullable() })),
  ensembleAccuracy: z.number().nullable(),
  /** What the accuracies were measured on, for instance `fashion-mnist test, 10,000 images`; empty without any. */
  evaluatedOn: z.string(),
  /** Of a run; 0 of 0 for others. */
  epochsDone: count,
  epochs: count,
  /** ISO 8601, of the file. */
  changedAt: z.string(),
  /** ISO 8601; empty if it was never opened here. */
  openedAt: z.string(),
  tags: z.array(z.string()),
  note: z.string()
})
export type LibraryItem = z.infer<typeof libraryItemSchema>

/** What the user may change of an item; what is left out stays. */
export const libraryEditSchema = z.object({
  name: z.string().trim().min(1).max(120).optional(),
  group: z.string().trim().min(1).max(120).optional(),
  tags: z.array(z.string().trim().min(1).max(40)).max(20).optional(),
  note: z.string().max(10_000).optional()
})
export type LibraryEdit = z.infer<typeof libraryEditSchema>
