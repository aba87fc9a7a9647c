import type { Transport } from '../../../src-shared/rpc.ts'

/**
 * A job process, seen from the engine. Its transport closes when it has ended, with a clause that says how: `its process
 * was ended by SIGKILL`.
 */
export type JobProcess = Transport & {
  /** Ends it at once, whatever it does. */
  kill(): void
}

/** Starts job processes: Node's children, or through Electron's main process. Messages posted early are kept. */
export type JobHost = { start(): JobProcess }

/** How a process ended, as a clause for people. */
export function describeExit(code: number | null, signal: string | null): string {
  if (signal !== null) return `its process was ended by ${signal}`
  return code === 0 || code === null ? 'its process ended' : `its process ended with status ${code}`
}
