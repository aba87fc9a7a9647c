/** When something that died is started again: later each time, and no more after too many deaths in a short while. */
export class RestartPolicy {
  private deaths: number[] = []

  /** `delaysMs`: the pause after the first, second, ... death within `windowMs`; the last one goes on. */
  constructor(
    readonly mostDeaths = 5,
    private readonly windowMs = 60_000,
    private readonly delaysMs: readonly number[] = [100, 500, 1000, 2000]
  ) {}

  /** Notes a death at `nowMs`; milliseconds to wait before the next start, or null where there is to be none. */
  noteDeath(nowMs: number): number | null {
    this.deaths = [...this.deaths.filter((time) => time > nowMs - this.windowMs), nowMs]
    if (this.deaths.length >= this.mostDeaths) return null
    return this.delaysMs[Math.min(this.deaths.length, this.delaysMs.length) - 1] ?? 0
  }

  /** Forgets all deaths. */
  reset(): void {
    this.deaths = []
  }
}
