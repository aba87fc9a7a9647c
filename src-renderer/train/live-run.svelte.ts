import type { Job, JobEvent, LiveHistory } from '../../src-shared/jobs.ts'
import type { LabContract } from '../../src-shared/lab-contract.ts'
import { joinLive } from '../../src-shared/live-history.ts'
import { keepAsking } from '../engine.ts'

/** A training job as it goes on: its state, and everything that it has recorded. */
export class LiveRun {
  job = $state.raw<Job | null>(null)
  /** null before the first records. */
  history = $state.raw<LiveHistory | null>(null)
  /** True once a job that has ended has told all that there is. */
  isKnown = $state(false)
  /** One sentence where it cannot be followed. */
  error = $state('')

  /** Follows a job until `signal` is aborted. */
  follow(engine: LabContract, id: string, signal: AbortSignal): void {
    keepAsking(engine.followJob, { id }, (event) => this.take(event), signal).then(
      (job) => {
        this.job = job
        this.isKnown = true
      },
      (error: unknown) => {
        if (signal.aborted) return
        this.error = error instanceof Error ? error.message : String(error)
        this.isKnown = true
      }
    )
  }

  private take({ job, live }: JobEvent): void {
    this.job = job
    if (live) this.history = joinLive(this.history, live)
  }
}
