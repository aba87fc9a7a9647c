import type { LibraryItem } from '../../src-shared/library.ts'
import type { App } from '../app.ts'
import { preferredDataset, type DatasetFacts, type Inspection } from './describe-file.ts'
import { PreprocessingState } from './preprocessing-check.svelte.ts'
import { estimateStudy, startStudy } from './study.ts'

/** One file on the card: what it is, the data that it is asked with, and how its images are prepared. */
export class FileState {
  /** null while it is being read. */
  inspection = $state.raw<Inspection | null>(null)
  /** One sentence where it can't be described; otherwise empty. */
  problem = $state('')
  /** null where no data set fits, or none is asked for. */
  dataset = $state<string | null>(null)
  /** Seconds that the standard study will take, about; NaN while unknown. */
  studySeconds = $state(NaN)
  isStarting = $state(false)
  readonly preprocessing: PreprocessingState
  private readonly paths: readonly string[]
  private isEnded = false

  constructor(
    private readonly app: App,
    readonly item: LibraryItem
  ) {
    const frames = item.frames?.map(({ path }) => path) ?? []
    this.paths = frames.length > 0 ? frames : [item.path]
    this.preprocessing = new PreprocessingState(app.engine, this.paths, () => this.renew())
  }

  /** Reads what the file is, and begins with the data set that fits. */
  async load(): Promise<void> {
    const { engine, lab, session } = this.app
    try {
      const inspection = await engine.inspect({ path: this.paths.at(-1)! })
      if (this.isEnded) return
      this.inspection = inspection
      if (inspection.misfit !== null || inspection.outputs) return
      const datasets: readonly DatasetFacts[] = lab.datasets.length > 0 ? lab.datasets : await engine.listDatasets({})
      if (this.isEnded) return
      await this.choose(preferredDataset(inspection, datasets, [this.item.dataset, session.dataset]))
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error)
    }
  }

  /** Takes a data set, null for none: its preprocessing is looked up, and checked where it is a guess. */
  async choose(dataset: string | null): Promise<void> {
    this.dataset = dataset
    void this.estimate()
    await this.preprocessing.choose(dataset)
  }

  /** Shows the checkpoint on the chosen data. */
  use(): void {
    const { session } = this.app
    if (this.dataset !== null && (session.dataset !== this.dataset || session.split !== 'test'))
      session.setData(this.dataset, 'test')
    session.addItems([this.item])
    if (session.view === 'train' || session.view === 'library') session.show('overview')
  }

  /** Starts the standard study; true where it has begun. */
  async study(): Promise<boolean> {
    const { dataset } = this
    if (dataset === null) return false
    this.isStarting = true
    this.problem = ''
    try {
      this.preprocessing.cancel()
      this.use()
      await startStudy(this.app, this.item, dataset)
      return true
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error)
      return false
    } finally {
      this.isStarting = false
    }
  }

  /** Ends what runs for the card alone, for good. */
  end(): void {
    this.isEnded = true
    this.preprocessing.end()
  }

  private async estimate(): Promise<void> {
    const { dataset } = this
    this.studySeconds = NaN
    if (dataset === null) return
    const seconds = await estimateStudy(this.app, this.item, dataset).catch(() => NaN)
    if (dataset === this.dataset) this.studySeconds = seconds
  }

  /** Results of other preprocessings are void. */
  private renew(): void {
    this.app.results.renew()
    void this.app.lab.refresh()
    void this.estimate()
  }
}

/** A time as people guess it: `about 6 min`, `about 40 s`; empty while unknown. */
export function aboutSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return ''
  if (seconds < 90) return `about ${Math.max(10, 10 * Math.round(seconds / 10))} s`
  if (seconds < 5400) return `about ${Math.round(seconds / 60)} min`
  return `about ${Math.round(seconds / 3600)} h`
}
