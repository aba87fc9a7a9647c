/** What a pickle may take, so that a few bytes can't fill the memory. */
export type PickleLimits = {
  /** Of the file. */
  bytes: number
  opcodes: number
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
  memo: 1_000_000,
  stack: 1_000_000,
  marks: 200,
  depth: 100,
  values: 5_000_000
}
