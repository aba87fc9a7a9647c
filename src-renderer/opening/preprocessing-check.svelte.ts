import { isActive, type Job } from '../../src-shared/jobs.ts'
import type { LabContract } from '../../src-shared/lab-contract.ts'
import type { Preprocessing, PreprocessingCheck, SettledPreprocessing } from '../../src-shared/preprocessing.ts'
import { keepAsking } from '../engine.ts'

type Engine = Pick<LabContract, 'findPreprocessing' | 'setPreprocessing' | 'startJob' | 'followJob' | 'cancelJob'>

const checkedImages = 500

/** How a file's images are prepared on a data set: what is set or guessed, and what a check of it finds. */
export class PreprocessingState {
  /** null while it is being asked for, or without a data set. */
  settled = $state.raw<SettledPreprocessing | null>(null)
  check = $state.raw<PreprocessingCheck | null>(null)
  job = $state.raw<Job | null>(null)
  /** One sentence where something failed; otherwise empty. */
  problem = $state('')
  /** Where it was kept last; null where nothing was. */
  written = $state.raw<{ path: string; isInLab: boolean } | null>(null)
  isChecking = $derived(this.job !== null)
  private following: AbortController | null = null
  private dataset: string | null = null
  private isEnded = false

  constructor(
    private readonly engine: Engine,
    /** Checkpoints that are prepared alike; the last one is asked. */
    private readonly paths: readonly string[],
    /** Told once something else is set. */
    private readonly onSet: () => void
  ) {}

  /** Looks what is set for a data set; where that is a guess, it is checked at once. */
  async choose(dataset: string | null): Promise<void> {
    if (this.isEnded) return
    this.cancel()
    this.dataset = dataset
    this.settled = this.check = null
    this.problem = ''
    if (dataset === null) return
    try {
      const settled = await this.engine.findPreprocessing({ path: this.path, data: dataset })
      if (dataset !== this.dataset || this.isEnded) return
      this.settled = settled
      if (settled.source === 'guessed') await this.start(null)
    } catch (error) {
      if (dataset === this.dataset && !this.isEnded) this.fail(error)
    }
  }

  /** Asks the network for some images, prepared as given (null: as is set) and in all likely ways. */
  async start(preprocessing: Preprocessing | null): Promise<void> {
    const { dataset } = this
    if (dataset === null || this.isEnded) return
    this.cancel()
    this.problem = ''
    const following = new AbortController()
    this.following = following
    try {
      const request = { path: this.path, data: dataset, limit: checkedImages, seed: 0, preprocessing }
      const job = await this.engine.startJob({ spec: { kind: 'preprocessing', ...request } })
      if (following.signal.aborted) return void this.engine.cancelJob({ id: job.id }).catch(() => undefined)
      this.job = job
      const onEvent = (event: { job: Job; check?: PreprocessingCheck | undefined }) => {
        if (following.signal.aborted) return
        if (event.check) this.check = event.check
        if (isActive(event.job)) this.job = event.job
      }
      const last = await keepAsking(this.engine.followJob, { id: job.id }, onEvent, following.signal)
      if (following.signal.aborted) return
      this.job = null
      if (last.state === 'failed') this.problem = last.error ?? 'The check failed.'
    } catch (error) {
      if (!following.signal.aborted) this.fail(error)
    }
  }

  /** Ends a check that is under way. */
  cancel(): void {
    this.following?.abort()
    this.following = null
    if (this.job) void this.engine.cancelJob({ id: this.job.id }).catch(() => undefined)
    this.job = null
  }

  /** Ends for good: nothing is checked any more. */
  end(): void {
    this.isEnded = true
    this.cancel()
  }

  /** Keeps a preprocessing beside the file; null goes back to what the file says, or to the guess. */
  async save(preprocessing: Preprocessing | null): Promise<void> {
    this.problem = ''
    try {
      let written: typeof this.written = null
      for (const path of this.paths) written = await this.engine.setPreprocessing({ path, preprocessing })
      this.written = preprocessing && written
      this.onSet()
      if (this.dataset !== null)
        this.settled = await this.engine.findPreprocessing({ path: this.path, data: this.dataset })
    } catch (error) {
      this.fail(error)
    }
  }

  private get path(): string {
    return this.paths.at(-1) ?? ''
  }

  private fail(error: unknown): void {
    this.job = null
    this.problem = error instanceof Error ? error.message : String(error)
  }
}
