import { untrack } from 'svelte'
import type { App } from '../app.ts'
import { findFrameResults, probesOfView } from './frame-jobs.ts'
import type { TimelineItem } from './frames.ts'

/** Which frames of a timeline have a result that the view on screen shows; kept up to date while jobs end. */
export class FrameResults {
  /** Of each frame; empty while unknown. */
  has = $state.raw<boolean[]>([])
  private asked = 0

  constructor(
    private readonly app: App,
    timeline: () => TimelineItem
  ) {
    const { session, lab } = app
    // Other whenever another probe has ended, and not at each of a job's steps.
    const ended = $derived(
      lab.jobs.flatMap(({ id, spec, state }) => (spec.kind === 'probe' && state === 'done' ? [id] : [])).join()
    )
    // Drives the look-up of what the engine has stored: again after every probe that has ended.
    $effect(() => {
      const item = timeline()
      const kinds = probesOfView(session.view)
      for (const kind of kinds) session.settingsOf(kind)
      void ended
      untrack(() => void this.look(item))
    })
  }

  private async look(item: TimelineItem): Promise<void> {
    const number = ++this.asked
    const kinds = probesOfView(this.app.session.view)
    // A view of the whole training shows every epoch.
    if (kinds.length === 0) {
      this.has = item.frames.map(() => true)
      return
    }
    try {
      const found = await Promise.all(kinds.map((kind) => findFrameResults(this.app, item, kind)))
      if (number === this.asked) this.has = item.frames.map((_, i) => found.some((has) => has[i]))
    } catch {
      // The view itself says what is wrong.
      if (number === this.asked) this.has = []
    }
  }
}
