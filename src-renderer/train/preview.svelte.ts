import { untrack } from 'svelte'
import type { LabContract, LabRequest, LabResult } from '../../src-shared/lab-contract.ts'

/** Numbers of the stages that every network here has. */
export const stages = [1, 2, 3, 4] as const

const waitMs = 120

/** What a configuration would train, asked of the engine each time that it changes. */
export class Preview {
  /** Of the last configuration that could be trained. */
  found = $state.raw<LabResult<'previewNetwork'> | null>(null)
  /** One sentence where it can't be trained; otherwise empty. */
  problem = $state('')
  isAsking = $state(false)

  /** `want` gives what is wanted, null while nothing can be asked. */
  constructor(engine: Pick<LabContract, 'previewNetwork'>, want: () => LabRequest<'previewNetwork'> | null) {
    const key = $derived(JSON.stringify(want()))
    // Asks the engine once nothing has been typed for a moment.
    $effect(() => {
      const request = JSON.parse(key) as LabRequest<'previewNetwork'> | null
      if (!request) {
        this.problem = ''
        return
      }
      const controller = new AbortController()
      // What comes of it must not ask again.
      const wait = untrack(() => this.found) ? waitMs : 0
      const timer = setTimeout(() => void this.ask(engine, request, controller.signal), wait)
      this.isAsking = true
      return () => {
        clearTimeout(timer)
        controller.abort()
      }
    })
  }

  private async ask(
    engine: Pick<LabContract, 'previewNetwork'>,
    request: LabRequest<'previewNetwork'>,
    signal: AbortSignal
  ): Promise<void> {
    try {
      const found = await engine.previewNetwork(request, { signal })
      if (signal.aborted) return
      this.found = found
      this.problem = ''
    } catch (error) {
      if (signal.aborted) return
      this.problem = error instanceof Error ? error.message : String(error)
    }
    this.isAsking = false
  }
}
