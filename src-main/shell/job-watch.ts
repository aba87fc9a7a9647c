import { powerSaveBlocker } from 'electron'
import { isTraining, type Job } from '../../src-shared/jobs.ts'
import { labCalls } from '../../src-shared/lab-contract.ts'
import { connect } from '../../src-shared/rpc.ts'
import { portTransport } from '../../src-shared/transports.ts'
import type { EngineHost } from './engine-host.ts'

/** What the shell knows of the engine's jobs. */
export type JobWatch = {
  /** The training that runs now. */
  readonly training: Job | null
  /** True where anything runs or waits to run. */
  readonly isBusy: boolean
  /** Tells every change until the program ends. */
  watch(listener: () => void): void
}

/** Follows the jobs of whatever engine runs, and keeps the computer awake while one works. */
export function watchJobs(engine: EngineHost): JobWatch {
  const listeners = new Set<() => void>()
  let jobs: Job[] = []
  let blocker: number | null = null

  const take = (next: Job[]) => {
    jobs = next
    const isWorking = jobs.some(({ state }) => state === 'running')
    if (isWorking) blocker ??= powerSaveBlocker.start('prevent-app-suspension')
    else if (blocker !== null) {
      powerSaveBlocker.stop(blocker)
      blocker = null
    }
    for (const listener of [...listeners]) listener()
  }
  engine.watch(({ state }) => {
    // While a new engine is on its way, what ran goes on running.
    if (engine.isDown) take([])
    const port = state === 'running' ? engine.connect() : null
    if (!port) return
    // It ends with the engine; a new one is followed anew.
    connect(labCalls, portTransport(port))
      .watchJobs({}, { onProgress: take })
      .catch(() => undefined)
  })

  return {
    get training() {
      return jobs.find((job) => isTraining(job) && job.state === 'running') ?? null
    },
    get isBusy() {
      return jobs.some(({ state }) => state === 'running' || state === 'waiting')
    },
    watch: (listener) => void listeners.add(listener)
  }
}
