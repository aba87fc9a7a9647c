import { randomUUID } from 'node:crypto'
import { mkdir, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { BackendName, EngineResult } from '../../../src-shared/contract.ts'
import { UserError } from '../../../src-shared/errors.ts'
import type { Job, JobSpec } from '../../../src-shared/jobs.ts'
import type { AnyReport, DataSelection } from '../../../src-shared/reports.ts'
import type { Roots } from '../roots.ts'
import { readManifest, threadsOfRun } from '../runs/run-folder.ts'
import { laneNames, laneOf, refusePause, titleOf, type LaneName } from './describe-job.ts'
import { followJob } from './follow-job.ts'
import type { Outcome } from './job-calls.ts'
import { JobEntry, type Follower } from './job-entry.ts'
import type { JobHost } from './job-host.ts'
import { JobsFile, readJobs } from './jobs-file.ts'
import { Lane } from './lane.ts'
import { Pace } from './pace.ts'
import { chooseRunFolder } from './run-names.ts'
import { checkSpecPaths } from './spec-paths.ts'
import { announceAttempt, end, mostAttempts, refuseAttempt, Track, type Prepared } from './track.ts'

export type ResultStore = { store(report: AnyReport): Promise<void> }
export type EvaluationStore = {
  store(path: string, data: DataSelection, result: EngineResult<'evaluate'>): Promise<void>
}

export type JobsOptions = {
  /** The lab's folder: `jobs.json` and `runs` lie in it. */
  home: string
  host: JobHost
  results: ResultStore
  evaluations: EvaluationStore
  roots: Pick<Roots, 'check' | 'checkDataset'>
  /** null takes the best that works. */
  backend?: BackendName | null
  /** Told what is nobody's answer, one sentence each. */
  warn?: (sentence: string) => void
  /** How long a process may take to end a cancelled measurement before it is killed, milliseconds. */
  killAfterMs?: number
  /** The same for a training, which saves a checkpoint first. */
  killTrainingAfterMs?: number
  /** How long a job that is started waits for a process that is about to leave its run, milliseconds. */
  lockPatienceMs?: number
}

/** Ended jobs that are kept in the list. */
export const mostEndedJobs = 200
/** Ended jobs whose report is kept at hand, for a window that follows a job which has ended meanwhile. */
const mostReports = 2
const watchMs = 1000
/** How long a process that was left by a killed lab may take to save. */
const orphanPatienceMs = 60_000

/** The lab's jobs: a queue of two lanes, kept in `jobs.json`. */
export class Jobs {
  private readonly entries = new Map<string, JobEntry>()
  private readonly tracks: Record<LaneName, Track>
  private readonly watchers = new Set<() => void>()
  private readonly pace = new Pace(watchMs, () => this.tellWatchers())
  private readonly file: JobsFile
  private readonly runs: string
  private readonly warn: (sentence: string) => void
  private starting: Promise<unknown> = Promise.resolve()

  private constructor(private readonly options: JobsOptions) {
    const { home, host, backend = null, warn = console.error, killAfterMs = 2000 } = options
    const { killTrainingAfterMs = Math.max(killAfterMs, 20_000) } = options
    this.runs = join(home, 'runs')
    this.warn = warn
    this.file = new JobsFile(join(home, 'jobs.json'), () => this.kept())
    const track = (killAfterMs: number) =>
      new Track({
        lane: new Lane(host, backend),
        prepare: (entry) => this.prepare(entry),
        keep: (entry, outcome) => this.keep(entry, outcome),
        killAfterMs
      })
    this.tracks = { training: track(killTrainingAfterMs), measuring: track(killAfterMs) }
  }

  /** Reads the jobs of `home`; those that ran when the lab ended go on, at most three times in all. */
  static async open(options: JobsOptions): Promise<Jobs> {
    await mkdir(options.home, { recursive: true }).catch(() => undefined)
    const home = await realpath(options.home).catch(() => options.home)
    const jobs = new Jobs({ ...options, home })
    const stored = await readJobs(join(home, 'jobs.json'), jobs.warn)
    for (const job of stored) jobs.add(job)
    jobs.goOn()
    jobs.save()
    return jobs
  }

  /** All jobs, newest first. */
  list(): Job[] {
    return [...this.entries.values()].map(({ job }) => job).reverse()
  }

  /** Puts a job into the queue; of a run that a job is at already, gives that job, which goes on if it was paused. */
  start(spec: JobSpec): Promise<Job> {
    // One after the other, so that no two choose the same folder.
    const job = this.starting.then(() => this.startNow(spec))
    this.starting = job.catch(() => undefined)
    return job
  }

  /** Tells all jobs at once and after changes (progress once a second), until the signal is aborted. */
  async watch(tell: (jobs: Job[]) => void, signal: AbortSignal): Promise<void> {
    this.warm()
    const watcher = () => tell(this.list())
    watcher()
    this.watchers.add(watcher)
    await aborted(signal)
    this.watchers.delete(watcher)
  }

  /** Tells a job's events until it has ended or the signal is aborted; what is known of a run or a result comes first. */
  async follow(id: string, tell: Follower, signal: AbortSignal): Promise<Job> {
    const entry = this.find(id)
    const { lane } = this.trackOf(entry)
    return followJob(entry, tell, (isFollowed) => lane.follow(isFollowed), signal)
  }

  /** Saves a training's checkpoint and stops it. Throws UserError for what can't be paused. */
  async pause(id: string): Promise<Job> {
    const entry = this.find(id)
    if (laneOf(entry.job.spec) !== 'training') throw new UserError(refusePause(entry.job))
    if (entry.job.state === 'waiting') {
      this.trackOf(entry).remove(entry)
      entry.change({ state: 'paused', progress: { ...entry.job.progress, message: 'Paused' } })
    } else if (entry.job.state === 'running') {
      if (entry.wish === null) this.askToPause(entry)
      await entry.until(() => entry.job.state !== 'running')
    } else if (entry.hasEnded) throw new UserError(`"${entry.job.title}" has ended; there is nothing to pause.`)
    return entry.job
  }

  /** Puts a paused training into the queue again. Throws UserError for a job that has ended. */
  async resume(id: string): Promise<Job> {
    const entry = this.find(id)
    if (entry.wish === 'pause') await entry.until(() => entry.job.state !== 'running')
    if (entry.hasEnded) throw new UserError(`"${entry.job.title}" has ended; start a new job instead.`)
    if (entry.job.state === 'paused') {
      entry.change({ state: 'waiting', attempts: 0, progress: { ...entry.job.progress, message: 'Waiting' } })
      this.warm()
      this.trackOf(entry).add(entry)
    }
    return entry.job
  }

  /** Ends a job, at once for all who see it; of a training the last checkpoint is kept. */
  cancel(id: string): Job {
    const entry = this.find(id)
    if (entry.hasEnded) return entry.job
    const track = this.trackOf(entry)
    entry.wish = 'cancel'
    end(entry, { state: 'cancelled' })
    if (track.current === entry) track.stopOrKill()
    else track.remove(entry)
    return entry.job
  }

  /** Lets trainings save and ends all processes; what ran or waited goes on when the lab is opened again. */
  async close(patienceMs = 8000): Promise<void> {
    for (const name of laneNames) {
      const { current } = this.tracks[name]
      if (current) current.wish ??= 'leave'
    }
    // A measurement has nothing to save.
    await Promise.all([this.tracks.training.close(patienceMs), this.tracks.measuring.close(0)])
    this.pace.end()
    await this.file.save().catch((error: unknown) => this.warn(messageOf(error)))
  }

  private async startNow(spec: JobSpec): Promise<Job> {
    const checked = await checkSpecPaths(spec, this.options.roots)
    if (checked.kind === 'resume') {
      await readManifest(checked.run)
      const same = [...this.entries.values()].find((entry) => !entry.hasEnded && entry.job.run === checked.run)
      if (same) return this.resume(same.job.id)
    }
    const isTaken = (folder: string) => [...this.entries.values()].some(({ job }) => job.run === folder)
    const run =
      spec.kind === 'train'
        ? await chooseRunFolder(this.runs, spec.name, isTaken)
        : checked.kind === 'resume'
          ? checked.run
          : null
    const job: Job = {
      id: randomUUID(),
      spec,
      title: titleOf(spec),
      state: 'waiting',
      progress: { fraction: 0, secondsLeft: NaN, message: 'Waiting' },
      createdAt: new Date().toISOString(),
      startedAt: null,
      endedAt: null,
      error: null,
      run,
      attempts: 0
    }
    this.warm()
    const entry = this.add(job)
    try {
      await this.file.save()
    } catch (error) {
      // A job that would be forgotten with this process is better not begun.
      this.entries.delete(job.id)
      this.tellWatchers()
      throw error
    }
    // It may have been cancelled or paused meanwhile.
    if (entry.job.state === 'waiting') this.trackOf(entry).add(entry)
    this.tellWatchers()
    return entry.job
  }

  private add(job: Job): JobEntry {
    const entry = new JobEntry(job, (isUrgent) => this.hear(entry, isUrgent))
    this.entries.set(job.id, entry)
    return entry
  }

  /** Queues what a lab that ended left undone; what ran comes first. */
  private goOn(): void {
    const cutOff = [...this.entries.values()].filter(({ job }) => job.state === 'running')
    const how = 'the lab was ended while it ran'
    for (const entry of cutOff.filter(({ job }) => job.attempts >= mostAttempts))
      end(entry, { state: 'failed', error: refuseAttempt(entry.job, how) })
    const again = cutOff.filter(({ hasEnded }) => !hasEnded)
    for (const entry of again) {
      const message = announceAttempt(entry.job, how)
      entry.change({ state: 'waiting', progress: { ...entry.job.progress, secondsLeft: NaN, message } })
    }
    const waiting = [...this.entries.values()].filter(({ job }) => job.state === 'waiting')
    for (const entry of new Set([...again, ...waiting])) this.trackOf(entry).add(entry)
  }

  private async prepare({ job }: JobEntry): Promise<Prepared> {
    const spec = await checkSpecPaths(job.spec, this.options.roots)
    const run = spec.kind === 'train' ? job.run : spec.kind === 'resume' ? spec.run : null
    if (spec.kind === 'train' && (run === null || dirname(run) !== this.runs))
      throw new UserError(`${JSON.stringify(run)} is no folder in ${this.runs}; start the training anew.`)
    const { lockPatienceMs = 5000 } = this.options
    const threads = run === null ? null : ((await threadsOfRun(run)) ?? null)
    return { spec, run, threads, lockPatienceMs: job.attempts > 1 ? orphanPatienceMs : lockPatienceMs }
  }

  private async keep({ job: { spec } }: JobEntry, outcome: Outcome): Promise<void> {
    const { results, evaluations } = this.options
    if (outcome.kind === 'measured') await results.store(outcome.report)
    if (outcome.kind === 'evaluated' && spec.kind === 'evaluate')
      await evaluations.store(spec.path, spec.data, outcome.result)
  }

  private askToPause(entry: JobEntry): void {
    entry.wish = 'pause'
    entry.change({ progress: { ...entry.job.progress, message: 'Pausing' } })
    this.trackOf(entry).stop()
  }

  private hear(entry: JobEntry, isUrgent: boolean): void {
    if (!isUrgent) return this.pace.ask()
    if (entry.hasEnded) this.forgetOld()
    this.tellWatchers()
    this.save()
  }

  private tellWatchers(): void {
    for (const watcher of this.watchers) watcher()
  }

  private save(): void {
    this.file.save().catch((error: unknown) => this.warn(messageOf(error)))
  }

  private kept(): Job[] {
    return [...this.entries.values()].map(({ job }) => job)
  }

  private forgetOld(): void {
    const ended = [...this.entries.values()]
      .filter(({ hasEnded }) => hasEnded)
      .sort((a, b) => (a.job.endedAt ?? '').localeCompare(b.job.endedAt ?? ''))
    for (const entry of ended.slice(0, -mostReports)) entry.report = null
    for (const { job } of ended.slice(0, -mostEndedJobs)) this.entries.delete(job.id)
  }

  /** The first use of the lab: its processes start to open their backends. */
  private warm(): void {
    for (const name of laneNames) this.tracks[name].lane.warm()
  }

  private trackOf({ job }: JobEntry): Track {
    return this.tracks[laneOf(job.spec)]
  }

  private find(id: string): JobEntry {
    const entry = this.entries.get(id)
    if (!entry) throw new UserError(`There is no job ${JSON.stringify(id)} any more.`)
    return entry
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve())
  })

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
