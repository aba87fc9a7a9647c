import { availableParallelism } from 'node:os'

/** Threads that TensorFlow computes one operation with: TF_NUM_INTRAOP_THREADS, or one a core. */
export function threadCount(): number {
  const asked = Number(process.env.TF_NUM_INTRAOP_THREADS)
  return Number.isInteger(asked) && asked > 0 ? asked : availableParallelism()
}
