import type { AnyReport, OnProgress } from '../../src-shared/reports.ts'

/** Turns finished units of work into fraction and time left. */
export type ProgressMeter = {
  /** Reports that `done` of all units are done; `partial` is what is finished so far, where there is something new. */
  report(done: number, message: string, partial?: AnyReport): void
}

/** A meter over `total` units of which `before` were done earlier, in another session. */
export function progressMeter(onProgress: OnProgress | undefined, total: number, before = 0): ProgressMeter {
  const start = performance.now()
  return {
    report(done, message, partial) {
      const seconds = (performance.now() - start) / 1000
      const now = done - before
      const secondsLeft = now > 0 ? (seconds * (total - done)) / now : NaN
      const fraction = total > 0 ? Math.min(1, done / total) : 1
      onProgress?.({ fraction, secondsLeft, message, ...(partial ? { partial } : {}) })
    }
  }
}
