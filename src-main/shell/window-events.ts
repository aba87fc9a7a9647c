import type { ShellEvent } from '../../src-shared/shell-contract.ts'

/** What a window's page is told, over its `watchShell`. */
export type WindowEvents = {
  /** True while the page listens. */
  readonly isWatched: boolean
  tell(event: ShellEvent): void
  /** Tells what waits, then all that comes, until `signal` is aborted. */
  watch(tell: (event: ShellEvent) => void, signal: AbortSignal): Promise<void>
}

/**
 * The events of one window. What is to be opened and what the menu asks for waits for a page that is not there yet; of
 * the engine's states only `current` is told to one that comes later.
 */
export function createWindowEvents(current: () => ShellEvent): WindowEvents {
  const watchers = new Set<(event: ShellEvent) => void>()
  let waiting: ShellEvent[] = []
  return {
    get isWatched() {
      return watchers.size > 0
    },
    tell(event) {
      for (const watcher of [...watchers]) watcher(event)
      if (watchers.size === 0 && event.kind !== 'engine') waiting.push(event)
    },
    watch(tell, signal) {
      tell(current())
      for (const event of waiting) tell(event)
      waiting = []
      watchers.add(tell)
      return new Promise((resolve) => {
        const end = () => {
          watchers.delete(tell)
          resolve()
        }
        if (signal.aborted) end()
        else signal.addEventListener('abort', end)
      })
    }
  }
}
