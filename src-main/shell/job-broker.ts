import { MessageChannelMain, utilityProcess, type UtilityProcess } from 'electron'
import { z } from 'zod'

const askedSchema = z.object({ type: z.enum(['fork-job', 'kill-job']), id: z.string().min(1).max(100) })

/** The job processes of one engine process, which can't fork them itself: a utility process has no children. */
export type JobBroker = {
  /** Does what a message of the engine asks for; ignores all others. */
  take(message: unknown): void
  /** The engine is gone: each job process saves what it has and ends by itself, at the latest after `patienceMs`. */
  orphan(patienceMs: number): void
  /** Ends all that still run, at once. */
  killAll(): void
}

/** Job processes of the program `entry` for `engine`. */
export function createJobBroker(entry: string, engine: Pick<UtilityProcess, 'postMessage'>): JobBroker {
  const jobs = new Map<string, UtilityProcess>()
  let isOrphaned = false

  function fork(id: string): void {
    if (jobs.has(id)) return
    const job = utilityProcess.fork(entry, [], {
      serviceName: 'Autodidact job',
      // The native backend is built on the user's machine and signed by nobody.
      ...(process.platform === 'darwin' && { allowLoadingUnsignedLibraries: true })
    })
    jobs.set(id, job)
    job.on('exit', (code) => {
      jobs.delete(id)
      if (!isOrphaned) engine.postMessage({ type: 'job-exit', id, code })
    })
    const { port1, port2 } = new MessageChannelMain()
    job.postMessage({ type: 'port' }, [port1])
    engine.postMessage({ type: 'job-port', id }, [port2])
  }

  const killAll = () => {
    for (const job of jobs.values()) killAtOnce(job)
  }
  return {
    take(message) {
      const asked = askedSchema.safeParse(message)
      if (!asked.success || isOrphaned) return
      const { type, id } = asked.data
      const job = jobs.get(id)
      if (type === 'fork-job') fork(id)
      else if (job) killAtOnce(job)
    },
    orphan(patienceMs) {
      isOrphaned = true
      if (jobs.size > 0) setTimeout(killAll, patienceMs).unref()
    },
    killAll
  }
}

/** Ends a process whatever it does: `kill()` alone asks politely on systems that know signals. */
export function killAtOnce(child: Pick<UtilityProcess, 'pid' | 'kill'>): void {
  try {
    if (process.platform !== 'win32' && child.pid !== undefined) process.kill(child.pid, 'SIGKILL')
    else child.kill()
  } catch {
    // It has just ended.
  }
}
