import { z } from 'zod'
import { exitCost } from './contract.ts'

const count = z.number().int().min(0)

const frameSchema = z.object({
  /** Of the checkpoint's file: what is measured. */
  path: z.string(),
  /** For instance `epoch 12`; the file's name where its epoch is unknown. */
  label: z.string(),
  epoch: z.number().nullable(),
  hash: z.string(),
  /** ISO 8601, of the file. */
  changedAt: z.string(),
  /** As the item's own: of its exits in their order, 0..1. */
  accuracies: z.array(z.number().nullable()),
  ensembleAccuracy: z.number().nullable(),
  evaluatedOn: z.string()
})
/** A checkpoint of a folder of checkpoints of one run. */
export type Frame = z.infer<typeof frameSchema>

/** A checkpoint that the lab knows: a shipped sample, a run of ours, or a file that was opened. */
export const libraryItemSchema = z.object({
  /** Stays the same for a path. */
  id: z.string(),
  path: z.string(),
  name: z.string(),
  source: z.enum(['sample', 'run', 'file']),
  /** `missing`: nothing lies at the path any more; `unreadable`: see `problem`; `empty`: a run without a checkpoint; `tensors`: its tensors are no network known here. */
  state: z.enum(['ready', 'training', 'paused', 'empty', 'missing', 'unreadable', 'tensors']),
  /** One sentence where it cannot be used; otherwise empty. */
  problem: z.string(),
  /** For instance `ResNet18, width 8, 10 classes, 4 exits`; empty where unknown. */
  network: z.string(),
  /** True of a file of what a network gave: it is measured on its own images, and can't be run. */
  isOutputs: z.boolean().optional(),
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
  note: z.string(),
  /** Of a folder of checkpoints of one run: all of them by epoch, at most 500; the item is the last one's. */
  frames: z.array(frameSchema).optional(),
  /** A sentence on what such a folder holds beside them; empty where that is nothing. */
  remark: z.string().optional()
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

/** Whether probes can measure it: it is there, and holds a network or what one gave. */
export const isMeasurable = ({ state }: Pick<LibraryItem, 'state'>): boolean =>
  state === 'ready' || state === 'training' || state === 'paused'
