import type { EngineContract, EngineOptions } from '../../src-shared/contract.ts'

/** All that the command line touches of its process, so that a test can stand in for it. */
export type CliIo = {
  /** Gets results. */
  stdout: NodeJS.WritableStream
  /** Gets progress and messages. */
  stderr: NodeJS.WritableStream & { isTTY?: boolean; columns?: number }
  /** Called by the commands that need the engine only: loading it takes a second. */
  createEngine(options: EngineOptions): Promise<EngineContract>
  /** What `serve` runs and shows; the package's own where absent. */
  lab?: { engineEntry: string; webFolder: string }
  /** Aborted by the first Ctrl-C. */
  signal: AbortSignal
}

/** Options that every command takes, some of them more. */
export type CommonOptions = EngineOptions & {
  json?: boolean
  quiet?: boolean
  verbose?: boolean
  seed?: number
}

/** Writes and waits until the text has been taken, or refused by a closed pipe. */
export function writeText(stream: NodeJS.WritableStream, text: string): Promise<void> {
  return new Promise((resolve) => void stream.write(text, () => resolve()))
}
