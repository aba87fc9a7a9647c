import { CancelledError } from '../../src-shared/errors.ts'
import { DisconnectedError } from '../../src-shared/rpc.ts'

type Call<Request, Value, Result> = (
  request: Request,
  options?: { onProgress?: (value: Value) => void; signal?: AbortSignal }
) => Promise<Result>

const pauseMs = 300

/**
 * Asks a call that only watches (`watchJobs`, `followJob`, `watchShell`), again each time the connection was lost, until
 * it has its result. Throws what the call throws, and CancelledError when `signal` is aborted.
 */
export async function keepAsking<Request, Value, Result>(
  call: Call<Request, Value, Result>,
  request: Request,
  onProgress: (value: Value) => void,
  signal: AbortSignal
): Promise<Result> {
  for (;;) {
    try {
      return await call(request, { onProgress, signal })
    } catch (error) {
      if (!(error instanceof DisconnectedError)) throw error
    }
    // A call waits for the connection by itself; this is for one that is refused at once.
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
    if (signal.aborted) throw new CancelledError('Cancelled.')
  }
}
