import { isActive, type Job, type JobEvent, type LiveHistory } from '../../../src-shared/jobs.ts'
import { joinLive } from '../../../src-shared/live-history.ts'
import type { PreprocessingCheck } from '../../../src-shared/preprocessing.ts'
import type { AnyReport } from '../../../src-shared/reports.ts'

export type Follower = (event: JobEvent) => void

/** What is to become of a running job once its process has answered; null lets it run. */
export type Wish = 'pause' | 'cancel' | 'leave' | null

/** A job in the list, with those who follow it. */
export class JobEntry {
  wish: Wish = null
  /** A measurement's newest report. */
  report: AnyReport | null = null
  /** What a check of the preprocessing found. */
  check: PreprocessingCheck | null = null
  private readonly followers = new Set<Follower>()
  private readonly observers = new Set<() => void>()
  private live: LiveHistory | null = null

  /** `onChange` hears of every change; `isUrgent` where more than the progress has changed. */
  constructor(
    public job: Job,
    private readonly onChange: (isUrgent: boolean) => void
  ) {}

  get followerCount(): number {
    return this.followers.size
  }

  /** What a running training has told since it is followed; null where that is not known. */
  get knownLive(): LiveHistory | null {
    return this.live
  }

  /** True for `done`, `failed`, `cancelled`. */
  get hasEnded(): boolean {
    return !isActive(this.job)
  }

  change(change: Partial<Job>, news: Pick<JobEvent, 'report' | 'live' | 'check'> = {}): void {
    const isUrgent = Object.keys(change).some((key) => key !== 'progress')
    this.job = { ...this.job, ...change }
    for (const follower of this.followers) follower({ job: this.job, ...news })
    for (const observer of [...this.observers]) observer()
    this.onChange(isUrgent)
  }

  /** Keeps news of a run for later followers, and gives what those of now must be told. */
  takeLive(news: LiveHistory): LiveHistory {
    const points = this.live && !news.isStart ? this.live.steps.length + news.steps.length : news.steps.length
    this.live = joinLive(this.live, news)
    // Where points were merged, followers take over the whole, so that they know the same.
    return this.live.steps.length < points ? this.live : news
  }

  /** Nobody keeps what a process told once it is gone. */
  forgetLive(): void {
    this.live = null
  }

  addFollower(follower: Follower): void {
    this.followers.add(follower)
  }

  removeFollower(follower: Follower): void {
    this.followers.delete(follower)
  }

  /** Waits until `holds`, or until the signal is aborted. */
  async until(holds: () => boolean, signal?: AbortSignal): Promise<void> {
    if (holds() || signal?.aborted) return
    await new Promise<void>((resolve) => {
      const finish = () => {
        this.observers.delete(observer)
        signal?.removeEventListener('abort', finish)
        resolve()
      }
      const observer = () => {
        if (holds()) finish()
      }
      this.observers.add(observer)
      signal?.addEventListener('abort', finish)
    })
  }
}
