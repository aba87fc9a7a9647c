import type { Job, JobEvent, LiveHistory } from '../../src-shared/jobs.ts'
import type { LabContract } from '../../src-shared/lab-contract.ts'
import type { EpochRecord, ProbeReport, StepRecord } from '../../src-shared/reports.ts'
import { keepAsking } from '../engine.ts'

/** A training job as it goes on: its state, and everything that it has recorded. */
export class LiveRun {
  job = $state.raw<Job | null>(null)
  header = $state.raw<LiveHistory['header'] | null>(null)
  steps = $state.raw<StepRecord[]>([])
  epochs = $state.raw<EpochRecord[]>([])
  /** One sentence where it cannot be followed. */
  error = $state('')

  /** The same as a report, for the figure that draws finished runs, too; null before the first record. */
  report = $derived.by((): ProbeReport<'history'> | null => {
    if (!this.header || this.steps.length === 0) return null
    return toReport(this.header, this.steps, this.epochs)
  })

  /** Follows a job until `signal` is aborted. */
  follow(engine: LabContract, id: string, signal: AbortSignal): void {
    keepAsking(engine.followJob, { id }, (event) => this.take(event), signal).then(
      (job) => (this.job = job),
      (error: unknown) => {
        if (!signal.aborted) this.error = error instanceof Error ? error.message : String(error)
      }
    )
  }

  private take({ job, live }: JobEvent): void {
    this.job = job
    if (!live) return
    this.header = live.header
    this.steps = live.isStart ? live.steps : joinSteps(this.steps, live.steps)
    this.epochs = live.isStart ? live.epochs : [...this.epochs, ...live.epochs]
  }
}

const mostPoints = 1500

/** Appends points; once there are many, neighbours are thinned out so that drawing stays cheap. */
export function joinSteps(before: readonly StepRecord[], added: readonly StepRecord[]): StepRecord[] {
  const all = [...before, ...added]
  return all.length <= mostPoints ? all : all.filter((_, index) => index % 2 === 1 || index === all.length - 1)
}

/** A run's live records as the report of the history probe. */
export function toReport(
  { run, method, exits, weights, network }: LiveHistory['header'],
  steps: StepRecord[],
  epochs: EpochRecord[]
): ProbeReport<'history'> {
  const name = run.split(/[\\/]/).at(-1) ?? run
  return {
    kind: 'history',
    request: { checkpoints: [{ path: run, name }] },
    provenance: {
      seed: 0,
      data: null,
      software: {},
      backend: '',
      device: '',
      createdAt: new Date().toISOString(),
      seconds: NaN
    },
    checkpoints: [
      { path: run, name, group: name, role: method, seed: 0, hash: '', network, method, exits, weights, steps, epochs }
    ]
  }
}
