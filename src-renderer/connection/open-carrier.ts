import type { Transport } from '../../src-shared/rpc.ts'
import { openSocket } from './open-socket.ts'
import { createPortInbox } from './port-inbox.ts'

/** What the desktop's preload puts into the page. */
export type DesktopBridge = {
  /** The path of a file that was dropped; empty where it has none. */
  pathForFile(file: File): string
}

/** The desktop's bridge; undefined in a browser. */
export const desktopBridge = (): DesktopBridge | undefined => (globalThis as { autodidact?: DesktopBridge }).autodidact

// Listens before anything is asked: the ports come when the page has been loaded, whether it waits for them or not.
const inbox =
  typeof window === 'undefined' || !desktopBridge()
    ? null
    : createPortInbox((listener) =>
        window.addEventListener('message', (event) => {
          if (event.source === window) listener(event)
        })
      )

/** A new carrier to the engine process, or to what surrounds the page: the desktop's ports, or the server's WebSockets. */
export function openCarrier(side: 'engine' | 'shell'): Promise<Transport> {
  if (inbox) return side === 'engine' ? inbox.openEngine() : inbox.openShell()
  return openSocket(() => new WebSocket(`ws://${location.host}/${side}`), askWhy)
}

async function askWhy(): Promise<{ status: number; sentence: string }> {
  const response = await fetch('/alive', { cache: 'no-store' })
  const answer = response.status === 204 ? {} : ((await response.json().catch(() => ({}))) as { error?: unknown })
  return { status: response.status, sentence: typeof answer.error === 'string' ? answer.error : '' }
}
