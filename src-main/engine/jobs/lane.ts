import type { BackendName } from '../../../src-shared/contract.ts'
import { connect } from '../../../src-shared/rpc.ts'
import { threadCount } from '../backend/threads.ts'
import { jobCalls, type JobCalls, type News, type Outcome, type Task } from './job-calls.ts'
import type { JobHost, JobProcess } from './job-host.ts'

type Running = { process: JobProcess; calls: JobCalls }

/** One place where one job runs at a time, with a process that is kept warm between them. */
export class Lane {
  private running: Running | null = null
  private isClosed = false

  constructor(
    private readonly host: JobHost,
    private readonly backend: BackendName | null
  ) {}

  /** Starts the process, if none is there, and lets it open its backend. */
  warm(): void {
    // What is wrong with the backend is said by the first task that needs it.
    if (!this.running && !this.isClosed)
      this.open()
        .calls.warm({ backend: this.backend })
        .catch(() => undefined)
  }

  /** Runs a task to its end. Throws DisconnectedError with a clause if the process ends before, else what it threw. */
  async run(task: Omit<Task, 'backend'>, onNews: (news: News) => void): Promise<Outcome> {
    // A process has its threads for life: a run begun with another number gets one of its own.
    const needsOwn = task.threads !== null && task.threads !== threadCount()
    if (needsOwn) this.kill()
    const { calls } = this.running ?? this.open()
    try {
      return await calls.run({ ...task, backend: this.backend }, { onProgress: onNews })
    } finally {
      if (needsOwn) this.kill()
    }
  }

  /** Asks for the task's end. */
  stop(): void {
    this.running?.calls.stop({}).catch(() => undefined)
  }

  /** Says whether the live history is wanted. */
  follow(isWanted: boolean): void {
    this.running?.calls.follow({ isWanted }).catch(() => undefined)
  }

  /** Ends the process at once; what it ran throws DisconnectedError. */
  kill(): void {
    this.running?.process.kill()
    this.running = null
  }

  /** Ends the process, and starts none any more. */
  close(): void {
    this.isClosed = true
    this.kill()
  }

  private open(): Running {
    const process = this.host.start()
    const running = { process, calls: connect(jobCalls, process) }
    this.running = running
    process.onClose(() => {
      if (this.running === running) this.running = null
    })
    return running
  }
}
