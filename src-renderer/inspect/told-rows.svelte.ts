/** What a call tells on its way. */
type Told<Row> = { fraction: number; tensors: Row[] }
type Options<Row> = { onProgress: (told: Told<Row>) => void; signal: AbortSignal }
type Ask<Row, End> = (options: Options<Row>) => Promise<End>

/** Sorting and drawing a long list takes its time. */
const betweenMs = 300
/** Lists that are kept, so that going back to one shows it at once. */
const mostKept = 6

/** Rows that the engine tells as they are ready, for whatever the view wants. */
export class ToldRows<Row, End> {
  rows = $state.raw<Row[]>([])
  /** What the call gave; null until it has ended. */
  end = $state.raw<End | null>(null)
  status = $state<'idle' | 'running' | 'done' | 'cancelled' | 'failed'>('idle')
  fraction = $state(0)
  /** One sentence where it failed. */
  error = $state('')
  private key = ''
  private ask: Ask<Row, End> | null = null
  private controller: AbortController | null = null
  private readonly kept = new Map<string, { rows: Row[]; end: End }>()

  /** Asks for what `key` names, unless that is there or on its way; null for nothing. */
  want(key: string | null, ask: Ask<Row, End>): void {
    if (key === this.key) return
    this.stop()
    this.key = key ?? ''
    this.ask = key === null ? null : ask
    const kept = this.kept.get(this.key)
    this.rows = kept?.rows ?? []
    this.end = kept?.end ?? null
    this.error = ''
    this.status = kept ? 'done' : 'idle'
    if (!kept && this.ask) void this.run()
  }

  /** Asks again. */
  retry(): void {
    if (this.ask) void this.run()
  }

  cancel(): void {
    if (this.status === 'running') this.status = 'cancelled'
    this.stop()
  }

  /** Ends what runs; for a view that goes. */
  stop(): void {
    this.controller?.abort()
    this.controller = null
  }

  private async run(): Promise<void> {
    this.stop()
    const controller = (this.controller = new AbortController())
    const { signal } = controller
    const { key } = this
    const rows: Row[] = []
    let shownAt = performance.now()
    this.rows = []
    this.end = null
    this.error = ''
    this.fraction = 0
    this.status = 'running'
    const onProgress = ({ fraction, tensors }: Told<Row>) => {
      if (signal.aborted) return
      rows.push(...tensors)
      this.fraction = fraction
      if (performance.now() - shownAt < betweenMs) return
      shownAt = performance.now()
      this.rows = rows.slice()
    }
    try {
      const end = await this.ask!({ onProgress, signal })
      if (signal.aborted) return
      this.rows = rows
      this.end = end
      this.fraction = 1
      this.status = 'done'
      this.kept.set(key, { rows, end })
      for (const old of [...this.kept.keys()].slice(0, -mostKept)) this.kept.delete(old)
    } catch (error) {
      if (signal.aborted) return
      this.error = error instanceof Error ? error.message : String(error)
      this.status = 'failed'
    }
  }
}
