import { UserError } from '../../../src-shared/errors.ts'
import { isTraining, type Job } from '../../../src-shared/jobs.ts'
import { DisconnectedError } from '../../../src-shared/rpc.ts'
import type { News, Outcome, Task } from './job-calls.ts'
import type { JobEntry } from './job-entry.ts'
import type { Lane } from './lane.ts'

/** A job whose process ends is started this often in all. */
export const mostAttempts = 3

/** A job as its process needs it, but for what is only known when it starts. */
export type Prepared = Omit<Task, 'backend' | 'isFollowed'>

type Options = {
  lane: Lane
  /** The job as its process needs it; throws UserError where it can't be run. */
  prepare(entry: JobEntry): Promise<Prepared>
  /** Keeps what was measured; throws UserError (disk full). */
  keep(entry: JobEntry, outcome: Outcome): Promise<void>
  /** How long a process may take to end a job that was cancelled before it is killed, milliseconds. */
  killAfterMs: number
}

/** The queue of a lane and the job that runs in it. */
export class Track {
  current: JobEntry | null = null
  readonly lane: Lane
  private queue: JobEntry[] = []
  private working: Promise<void> = Promise.resolve()
  private killing: NodeJS.Timeout | null = null
  private isClosed = false

  constructor(private readonly options: Options) {
    this.lane = options.lane
  }

  /** Puts a waiting job at the queue's end, or at its front. */
  add(entry: JobEntry, isFirst = false): void {
    if (isFirst) this.queue.unshift(entry)
    else this.queue.push(entry)
    this.next()
  }

  remove(entry: JobEntry): void {
    this.queue = this.queue.filter((other) => other !== entry)
  }

  /** Asks the running job's process to save what it has and to stop. */
  stop(): void {
    this.lane.stop()
  }

  /** Frees the lane of a job that nobody wants any more. */
  stopOrKill(): void {
    this.stop()
    this.killing = setTimeout(() => this.lane.kill(), this.options.killAfterMs)
  }

  /** Starts nothing more, gives the running job `patienceMs` to save, and ends the process. */
  async close(patienceMs: number): Promise<void> {
    this.isClosed = true
    if (this.current) this.stop()
    const timer = setTimeout(() => this.lane.kill(), patienceMs)
    await this.working
    clearTimeout(timer)
    this.lane.close()
  }

  private next(): void {
    if (this.current || this.isClosed) return
    const entry = this.queue.shift()
    if (!entry) return
    this.current = entry
    this.working = this.work(entry).finally(() => {
      if (this.killing) clearTimeout(this.killing)
      this.killing = null
      this.current = null
      this.next()
    })
  }

  private async work(entry: JobEntry): Promise<void> {
    entry.wish = null
    const { job } = entry
    entry.change({
      state: 'running',
      startedAt: job.startedAt ?? new Date().toISOString(),
      endedAt: null,
      error: null,
      attempts: job.attempts + 1,
      progress: job.attempts === 0 ? { ...job.progress, message: 'Starting' } : job.progress
    })
    try {
      const task = await this.options.prepare(entry)
      // It may have been paused or cancelled meanwhile.
      const outcome: Outcome = entry.wish
        ? { kind: 'stopped' }
        : await this.lane.run({ ...task, isFollowed: entry.followerCount > 0 }, (news) => hear(entry, news))
      await this.settle(entry, outcome)
    } catch (error) {
      this.settleFailure(entry, error)
    } finally {
      entry.forgetLive()
      if (!this.isClosed) this.lane.warm()
    }
  }

  private async settle(entry: JobEntry, outcome: Outcome): Promise<void> {
    if (entry.job.state !== 'running') return
    if (outcome.kind === 'stopped') return this.settleStop(entry, 'its process was told to end')
    if (outcome.kind === 'measured') entry.report = outcome.report
    if (outcome.kind === 'checked') entry.check = outcome.check
    await this.options.keep(entry, outcome)
    if (entry.job.state === 'running')
      end(entry, { state: 'done', progress: { fraction: 1, secondsLeft: 0, message: '' } })
  }

  private settleFailure(entry: JobEntry, error: unknown): void {
    if (entry.job.state !== 'running') return
    if (error instanceof DisconnectedError) return this.settleStop(entry, error.message)
    const message = error instanceof Error ? error.message : String(error)
    end(entry, {
      state: 'failed',
      error: error instanceof UserError ? message : `Something unexpected failed: ${message}`
    })
  }

  /** The job's process has stopped with the work undone: as was wished, or by accident. */
  private settleStop(entry: JobEntry, how: string): void {
    const { job, wish } = entry
    const progress = (message: string) => ({ ...job.progress, secondsLeft: NaN, message })
    if (wish === 'pause') entry.change({ state: 'paused', progress: progress('Paused') })
    else if (wish === 'leave') entry.change({ state: 'waiting', attempts: 0, progress: progress('Waiting') })
    else if (job.attempts >= mostAttempts) end(entry, { state: 'failed', error: refuseAttempt(job, how) })
    else {
      entry.change({ state: 'waiting', progress: progress(announceAttempt(job, how)) })
      this.queue.unshift(entry)
    }
  }
}

/** Passes news of a running job on. */
function hear(entry: JobEntry, { progress, report, live }: News): void {
  if (entry.job.state !== 'running') return
  if (report) entry.report = report
  const news = { ...(report ? { report } : {}), ...(live ? { live: entry.takeLive(live) } : {}) }
  // What is to become of it is the message then.
  entry.change(progress && !entry.wish ? { progress } : {}, news)
}

/** Ends a job; what it found is told once more, whole. */
export function end(entry: JobEntry, change: Partial<Job> & Pick<Job, 'state'>): void {
  const { progress } = entry.job
  const isWhole = change.state !== 'cancelled'
  const report = entry.report && isWhole ? { report: entry.report } : {}
  const check = entry.check && isWhole ? { check: entry.check } : {}
  const stopped = { ...progress, secondsLeft: NaN, message: '' }
  entry.change({ endedAt: new Date().toISOString(), progress: stopped, ...change }, { ...report, ...check })
}

/** What a job says that is started once more because its process ended; `how` is a clause. */
export const announceAttempt = (job: Job, how: string): string =>
  `${isTraining(job) ? 'Going on from the last checkpoint' : 'Measuring once more'}: ${how}`

/** Why a job is not started once more. */
export const refuseAttempt = (job: Job, how: string): string =>
  isTraining(job)
    ? `Training was cut off ${job.attempts} times (the last time ${how}), perhaps for lack of memory; the run's last checkpoint is kept and can be gone on with.`
    : `This was cut off ${job.attempts} times (the last time ${how}), perhaps for lack of memory; close other programs or take fewer images, then run it again.`
