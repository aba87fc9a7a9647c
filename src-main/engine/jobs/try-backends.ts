import type { BackendName } from '../../../src-shared/contract.ts'
import { connect, DisconnectedError } from '../../../src-shared/rpc.ts'
import type { Finding } from '../backend/doctor.ts'
import { jobCalls } from './job-calls.ts'
import type { JobHost } from './job-host.ts'

/** What `doctor` asks of a backend, found out in a job process of its own: one that crashes takes only that with it. */
export const tryBackendIn =
  (host: JobHost, patienceMs = 60_000) =>
  async (name: BackendName): Promise<Finding> => {
    const process = host.start()
    const timer = setTimeout(() => process.kill(), patienceMs)
    try {
      return await connect(jobCalls, process).tryBackend({ name })
    } catch (error) {
      const reason = error instanceof DisconnectedError ? `It crashes here: ${error.message}.` : String(error)
      return { available: false, device: '', version: '', reason }
    } finally {
      clearTimeout(timer)
      process.kill()
    }
  }
