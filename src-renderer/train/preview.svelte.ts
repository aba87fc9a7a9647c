import { untrack } from 'svelte'
import type { LabContract, LabResult } from '../../src-shared/lab-contract.ts'
import type { RunConfig } from '../../src-shared/run-config.ts'
import { describeRefusal } from './problems.ts'

const waitMs = 120

/** What the engine says of a configuration. */
export type NetworkPreview = LabResult<'previewNetwork'>

/** What a configuration would train, asked of the engine each time that it changes. */
export class Preview {
  /** Of the last configuration that could be trained, and that configuration. */
  found = $state.raw<{ preview: NetworkPreview; config: RunConfig } | null>(null)
  /** One sentence where it can't be trained; otherwise empty. */
  problem = $state('')
  isAsking = $state(false)

  /** `want` gives what is wanted, null while nothing can be asked. */
  constructor(engine: Pick<LabContract, 'previewNetwork'>, want: () => RunConfig | null) {
    const key = $derived(JSON.stringify(want()))
    // Asks the engine once nothing has been typed for a moment.
    $effect(() => {
      const config = JSON.parse(key) as RunConfig | null
      if (!config) {
        this.problem = ''
        this.isAsking = false
        return
      }
      const controller = new AbortController()
      // What comes of it must not ask again.
      const wait = untrack(() => this.found) ? waitMs : 0
      const timer = setTimeout(() => void this.ask(engine, config, controller.signal), wait)
      this.isAsking = true
      return () => {
        clearTimeout(timer)
        controller.abort()
      }
    })
  }

  private async ask(
    engine: Pick<LabContract, 'previewNetwork'>,
    config: RunConfig,
    signal: AbortSignal
  ): Promise<void> {
    try {
      const preview = await engine.previewNetwork({ config }, { signal })
      if (signal.aborted) return
      this.found = { preview, config }
      this.problem = ''
    } catch (error) {
      if (signal.aborted) return
      this.problem = describeRefusal(error)
    }
    this.isAsking = false
  }
}
