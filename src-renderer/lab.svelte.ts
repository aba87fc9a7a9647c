import { isActive, type Job } from '../src-shared/jobs.ts'
import type { LabContract, LabResult } from '../src-shared/lab-contract.ts'
import type { LibraryItem } from '../src-shared/library.ts'
import { engineConnection, keepAsking } from './engine.ts'
import type { Toasts } from './toasts.svelte.ts'

type Dataset = LabResult<'listDatasets'>[number]

/** What the engine knows: checkpoints, jobs and data sets, kept up to date. */
export class Lab {
  items = $state.raw<LibraryItem[]>([])
  jobs = $state.raw<Job[]>([])
  datasets = $state.raw<Dataset[]>([])
  /** False until the library has been read once. */
  isLoaded = $state(false)
  /** False until the jobs have been told once: those are no news. */
  private hasJobs = false
  byId = $derived(new Map(this.items.map((item) => [item.id, item])))
  activeJobs = $derived(this.jobs.filter(isActive))

  constructor(
    private readonly engine: LabContract,
    private readonly toasts: Toasts,
    /** Told of jobs whose state has changed. */
    private readonly onChanged: (job: Job) => void
  ) {}

  /** Reads everything and goes on watching the jobs until `signal` is aborted. */
  start(signal: AbortSignal): void {
    // At every connection: an engine that has just started may know other things.
    const stop = engineConnection.subscribe(({ state }) => {
      if (state !== 'connected') return
      void this.refresh()
      void this.readDatasets()
    })
    signal.addEventListener('abort', stop)
    keepAsking(this.engine.watchJobs, {}, (jobs) => this.takeJobs(jobs), signal).catch((error: unknown) => {
      if (!signal.aborted) this.toasts.complain(error)
    })
  }

  /** Reads the library again. */
  async refresh(): Promise<void> {
    try {
      this.items = await this.engine.library({})
      this.isLoaded = true
    } catch (error) {
      this.toasts.complain(error)
    }
  }

  /** Opens a checkpoint and gives its item; null, and a sentence on screen, where it cannot be used. */
  async open(path: string): Promise<LibraryItem | null> {
    try {
      return await this.tryOpen(path)
    } catch (error) {
      this.toasts.complain(error)
      return null
    }
  }

  /** Opens a checkpoint and gives its item. Throws one sentence where it cannot be used. */
  async tryOpen(path: string): Promise<LibraryItem> {
    const item = await this.engine.openCheckpoint({ path })
    this.items = [item, ...this.items.filter(({ id }) => id !== item.id)]
    return item
  }

  private async readDatasets(): Promise<void> {
    try {
      this.datasets = await this.engine.listDatasets({})
    } catch (error) {
      this.toasts.complain(error)
    }
  }

  private takeJobs(jobs: Job[]): void {
    const before = new Map(this.jobs.map((job) => [job.id, job.state]))
    const isFirst = !this.hasJobs
    this.jobs = jobs
    this.hasJobs = true
    if (isFirst) return
    const changed = jobs.filter((job) => before.get(job.id) !== job.state)
    for (const job of changed) this.onChanged(job)
    if (!changed.some(({ spec }) => spec.kind !== 'probe')) return
    void this.refresh()
    // A process that has been told to end still saves: only then its run is free.
    setTimeout(() => void this.refresh(), 3000)
  }
}
