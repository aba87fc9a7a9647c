import type { BackendName } from '../../../src-shared/contract.ts'
import { CancelledError, UsageError } from '../../../src-shared/errors.ts'
import type { Handlers } from '../../../src-shared/rpc.ts'
import type { Backend } from '../backend/backend.ts'
import { findOut } from '../backend/find-out.ts'
import type { jobCalls, Outcome, Task } from './job-calls.ts'
import { measureTask } from './measure-task.ts'
import { FollowSwitch, trainTask, type Tell } from './train-task.ts'

type Current = { done: Promise<unknown>; stop: AbortController; follow: FollowSwitch }

/** Answers what the engine asks of a job process, one task at a time. `openBackend` is called when first needed. */
export class TaskRunner {
  private current: Current | null = null

  constructor(private readonly openBackend: (name?: BackendName, threads?: number) => Promise<Backend>) {}

  readonly handlers: Handlers<typeof jobCalls> = {
    tryBackend: ({ name }) => findOut(name),
    warm: async ({ backend }) => {
      await this.openBackend(backend ?? undefined)
      return {}
    },
    run: (task, { tell, signal }) => this.run(task, tell, signal),
    stop: () => {
      this.stop()
      return {}
    },
    follow: ({ isWanted }) => {
      this.current?.follow.set(isWanted)
      return {}
    }
  }

  /** Asks the task, if there is one, to end. */
  stop(): void {
    this.current?.stop.abort()
  }

  /** Waits until no task runs. */
  async idle(): Promise<void> {
    await this.current?.done.catch(() => undefined)
  }

  private async run(task: Task, tell: Tell, gone: AbortSignal): Promise<Outcome> {
    if (this.current) throw new UsageError('This process is working on another job.')
    const stop = new AbortController()
    const signal = AbortSignal.any([stop.signal, gone])
    const follow = new FollowSwitch(task.isFollowed)
    const done = this.work(task, tell, signal, follow).catch((error: unknown): Outcome => {
      if (error instanceof CancelledError && signal.aborted) return { kind: 'stopped' }
      throw error
    })
    this.current = { done, stop, follow }
    try {
      return await done
    } finally {
      this.current = null
    }
  }

  private async work(task: Task, tell: Tell, signal: AbortSignal, follow: FollowSwitch): Promise<Outcome> {
    const backend = await this.openBackend(task.backend ?? undefined, task.threads ?? undefined)
    const { run } = task
    return run === null
      ? measureTask(backend, task, tell, signal)
      : trainTask(backend, { ...task, run }, tell, signal, follow)
  }
}
