import { untrack } from 'svelte'
import type { Job, LiveHistory } from '../../src-shared/jobs.ts'
import type { RunConfig } from '../../src-shared/run-config.ts'
import type { App } from '../app.ts'
import { keepAsking } from '../engine.ts'
import { imagesOf } from './problems.ts'
import { speedOf, tellingJobs, type Speed } from './estimate.ts'

/** Speeds that have been read, by the job: a finished run's does not change. */
const read = new Map<string, Speed | null>()

/** How fast earlier runs were; read from their records while a view is open. */
export class Speeds {
  all = $state.raw<readonly Speed[]>([])

  constructor({ engine, lab }: Pick<App, 'engine' | 'lab'>) {
    const ids = $derived(
      tellingJobs(lab.jobs)
        .map(({ id }) => id)
        .join()
    )
    // Asks the engine for the records of runs that have ended since.
    $effect(() => {
      // Without the data sets nobody knows how many images a run had.
      if (lab.datasets.length === 0) return
      const wanted = ids.split(',')
      const controller = new AbortController()
      const jobs = untrack(() => lab.jobs.filter(({ id }) => wanted.includes(id)))
      void this.read(
        engine,
        jobs,
        (name) => lab.datasets.find((one) => one.name === name)?.trainCount ?? NaN,
        controller.signal
      )
      return () => controller.abort()
    })
  }

  private async read(
    engine: App['engine'],
    jobs: readonly Job[],
    trainCountOf: (dataset: string) => number,
    signal: AbortSignal
  ): Promise<void> {
    for (const job of jobs) {
      if (read.has(job.id) || job.spec.kind !== 'train') continue
      let history: LiveHistory | null = null
      const take = ({ live }: { live?: LiveHistory | undefined }) => (history = live ?? history)
      try {
        await keepAsking(engine.followJob, { id: job.id }, take, signal)
      } catch {
        if (signal.aborted) return
      }
      // Assigned in a callback, which the compiler does not see.
      const found = history as LiveHistory | null
      const { config } = job.spec
      const perImage = await costOf(engine, config, trainCountOf(config.data.name), signal)
      if (signal.aborted) return
      read.set(job.id, found && speedOf(job, found, perImage))
    }
    if (!signal.aborted) this.all = jobs.flatMap(({ id }) => read.get(id) ?? [])
  }
}

/** Multiply-adds of training on one image; NaN where the engine can't say any more, for instance without the data set. */
async function costOf(
  engine: App['engine'],
  config: RunConfig,
  trainCount: number,
  signal: AbortSignal
): Promise<number> {
  try {
    const { epochMultiplyAdds } = await engine.previewNetwork({ config }, { signal })
    return epochMultiplyAdds / imagesOf(config, trainCount)
  } catch {
    return NaN
  }
}
