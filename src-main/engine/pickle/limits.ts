/** What a pickle may take, so that a few bytes can't fill the memory. */
export type PickleLimits = {
  /** Of the file. */
  bytes: number
  opcodes: number
  /** Lists, dicts, tuples, byte strings and objects that are made, kept or not. */
  objects: number
  /** Bytes that are made anew of others, beyond as many as the file has. */
  madeBytes: number
  memo: number
  /** Values on the stack at once, and open marks. */
  stack: number
  marks: number
  /** Containers within containers, of the result. */
  depth: number
  /** Values of the result, counted as often as they are named: what a reader would go through. */
  values: number
}

/** Enough for CIFAR's batches (a megabyte of file names among them) and for the state dict of a large network. */
export const usualLimits: PickleLimits = {
  bytes: 2 ** 30,
  opcodes: 5_000_000,
  objects: 500_000,
  madeBytes: 16 * 2 ** 20,
  memo: 1_000_000,
  stack: 1_000_000,
  marks: 200,
  depth: 100,
  values: 5_000_000
}
