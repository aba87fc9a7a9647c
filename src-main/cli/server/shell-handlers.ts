import { UsageError } from '../../../src-shared/errors.ts'
import type { Handlers } from '../../../src-shared/rpc.ts'
import type { ShellCalls, ShellEvent } from '../../../src-shared/shell-contract.ts'
import { renderFile } from '../../export/render-file.ts'
import type { EngineHost } from './engine-host.ts'
import { listFolder } from './list-folder.ts'

/** Events for the pages: told to all that watch; what is to be opened waits for the first one. */
export type ShellEvents = {
  watch(tell: (event: ShellEvent) => void, signal: AbortSignal): Promise<void>
  openPaths(paths: string[]): void
}

/** The events of one served lab. */
export function createShellEvents(engine: Pick<EngineHost, 'current' | 'watch'>): ShellEvents {
  const watchers = new Set<(event: ShellEvent) => void>()
  let pending: string[] = []
  return {
    watch(tell, signal) {
      tell({ kind: 'engine', ...engine.current })
      const unwatch = engine.watch((state) => tell({ kind: 'engine', ...state }))
      watchers.add(tell)
      if (pending.length > 0) tell({ kind: 'open', paths: pending })
      pending = []
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          unwatch()
          watchers.delete(tell)
          resolve()
        })
      })
    },
    openPaths(paths) {
      if (paths.length === 0) return
      if (watchers.size === 0) pending = [...new Set([...pending, ...paths])]
      // One page is enough: all of them show the same library.
      else [...watchers].at(-1)?.({ kind: 'open', paths })
    }
  }
}

const desktopOnly = (what: string) => (): never => {
  throw new UsageError(`${what} belongs to the desktop; this lab is served to a browser.`)
}

/** What surrounds a served page, as far as a server can give it. */
export function createShellHandlers(
  { roots, version }: { roots: string[] | null; version: string },
  events: ShellEvents
): Handlers<ShellCalls> {
  return {
    environment: () => ({ kind: 'served', platform: process.platform, version, roots: roots ?? [] }),
    listFolder: ({ path, all }) => listFolder(path, roots, all),
    showRecent: () => ({}),
    renderFile: async (request) => ({ bytes: await renderFile(request) }),
    async watchShell(_request, { tell, signal }) {
      await events.watch(tell, signal)
      return {}
    },
    pickCheckpoints: desktopOnly("The system's file dialog"),
    pickPlace: desktopOnly("The system's save dialog"),
    saveFile: desktopOnly("The system's save dialog"),
    copyImage: desktopOnly('Copying pictures'),
    copyText: desktopOnly('Copying text'),
    showInFolder: desktopOnly("The system's file manager")
  }
}
