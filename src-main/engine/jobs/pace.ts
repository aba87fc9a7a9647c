/**
 * Calls `act` at most once in `everyMs`, and never later than that after it was asked for. `flush` does at once what is
 * due, `end` does that for the last time.
 */
export class Pace {
  private timer: NodeJS.Timeout | null = null
  private lastMs = -Infinity
  private hasEnded = false

  constructor(
    private readonly everyMs: number,
    private readonly act: () => void
  ) {}

  ask(): void {
    if (this.timer || this.hasEnded) return
    const wait = this.lastMs + this.everyMs - performance.now()
    if (wait <= 0) this.run()
    else this.timer = setTimeout(() => this.run(), wait)
  }

  flush(): void {
    if (this.timer) this.run()
  }

  end(): void {
    this.flush()
    this.hasEnded = true
  }

  private run(): void {
    if (this.timer) clearTimeout(this.timer)
    this.timer = null
    this.lastMs = performance.now()
    this.act()
  }
}
