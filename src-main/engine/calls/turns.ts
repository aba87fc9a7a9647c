import { throwIfCancelled } from '../../../src-shared/errors.ts'
import type { OnProgress } from '../../../src-shared/reports.ts'

/** Work goes on for so long before others get their turn, ms; the engine process may be kept busy for 50 at most. */
const turnMs = 12

/** What keeps long work in this process from holding up all else. */
export type Turns = {
  /** Lets others in where it is time. Throws CancelledError when the signal is aborted. */
  take(): Promise<void>
  /** Runs work in pieces to its end, a turn each; `onPiece` hears what each yields. */
  finish<T>(pieces: Generator<number, T>, onPiece?: (done: number) => void): Promise<T>
}

/** Turns for work of one call. */
export function createTurns(signal?: AbortSignal): Turns {
  let began = performance.now()
  const take = async () => {
    throwIfCancelled(signal)
    if (performance.now() - began < turnMs) return
    await new Promise((resolve) => setImmediate(resolve))
    throwIfCancelled(signal)
    began = performance.now()
  }
  return {
    take,
    async finish(pieces, onPiece) {
      for (;;) {
        const { done, value } = pieces.next()
        if (done) return value
        onPiece?.(value)
        await take()
      }
    }
  }
}

/** What is over sooner shows no progress: an estimate of its end would be a guess. */
const silentMs = 500

/** Progress from a moment on; the end is told always. */
export function afterAMoment(onProgress: OnProgress | undefined): OnProgress {
  const start = performance.now()
  return (progress) => {
    if (progress.fraction >= 1 || performance.now() - start > silentMs) onProgress?.(progress)
  }
}
