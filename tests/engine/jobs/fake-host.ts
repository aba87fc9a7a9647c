import type { News, Outcome, Task } from '../../../src-main/engine/jobs/job-calls.ts'
import { jobCalls } from '../../../src-main/engine/jobs/job-calls.ts'
import type { JobHost, JobProcess } from '../../../src-main/engine/jobs/job-host.ts'
import { serve } from '../../../src-shared/rpc.ts'
import { memoryPair } from '../../../src-shared/transports.ts'

/** A task that a fake process has been given, ended by the test. */
export type GivenTask = {
  task: Task
  tell(news: News): void
  finish(outcome: Outcome): void
  fail(error: Error): void
}

/** A job process in this one: what it was asked, and how it behaves. */
export type FakeProcess = {
  tasks: GivenTask[]
  /** `warm`, `stop`, `follow true`, ... in the order they came. */
  asked: string[]
  /** False for a process that does not hear any more. */
  hearsStop: boolean
  isAlive: boolean
  /** Ends it as a crash does. */
  die(how: string): void
}

/** Starts fake processes and keeps them, oldest first. */
export function fakeHost(): JobHost & { processes: FakeProcess[] } {
  const processes: FakeProcess[] = []
  return {
    processes,
    start(): JobProcess {
      const [engineEnd, processEnd, close] = memoryPair()
      const fake: FakeProcess = {
        tasks: [],
        asked: [],
        hearsStop: true,
        isAlive: true,
        die(how) {
          fake.isAlive = false
          close(how)
        }
      }
      processes.push(fake)
      serve(
        jobCalls,
        {
          tryBackend: ({ name }) => {
            fake.asked.push(`try ${name}`)
            if (name === 'webgpu') return new Promise(() => fake.die('its process was ended by SIGSEGV'))
            return { available: name === 'wasm', device: 'CPU', version: '1', reason: '' }
          },
          warm: ({ backend }) => {
            fake.asked.push(`warm ${backend ?? 'best'}`)
            return {}
          },
          run: (task, { tell }) => new Promise((finish, fail) => void fake.tasks.push({ task, tell, finish, fail })),
          stop: () => {
            fake.asked.push('stop')
            if (fake.hearsStop) fake.tasks.at(-1)?.finish({ kind: 'stopped' })
            return {}
          },
          follow: ({ isWanted }) => {
            fake.asked.push(`follow ${isWanted}`)
            return {}
          }
        },
        processEnd
      )
      return { ...engineEnd, kill: () => setImmediate(() => fake.die('its process was ended by SIGKILL')) }
    }
  }
}
