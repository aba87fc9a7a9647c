import type { Transport } from '../../src-shared/rpc.ts'
import { portTransport, type PortLike } from '../../src-shared/transports.ts'

/** The ports that the desktop's shell sends into the page, one of each kind: again with every new engine. */
export type PortInbox = {
  /** The next port to the engine process, as a transport. */
  openEngine(): Promise<Transport>
  openShell(): Promise<Transport>
}

type PortEvent = { data: unknown; ports: readonly PortLike[] }

/**
 * Waits for the preload's messages `{type: 'autodidact-ports'}` with the ports [engine, shell], or, when a new engine
 * runs, with [engine] alone. A newer port takes the place of one that nobody has taken. `names: ['engine']` without a port
 * says that the engine has died: Chromium's ports don't tell.
 */
export function createPortInbox(listen: (listener: (event: PortEvent) => void) => void): PortInbox {
  const boxes = { engine: createBox('The engine ended.'), shell: createBox('The window lost its shell.') }
  listen(({ data, ports }) => {
    const { type, names } = (data ?? {}) as { type?: unknown; names?: unknown }
    if (type !== 'autodidact-ports') return
    if (ports.length === 0 && Array.isArray(names) && names.includes('engine')) boxes.engine.lose()
    if (ports[0]) boxes.engine.put(ports[0])
    if (ports[1]) boxes.shell.put(ports[1])
  })
  return { openEngine: boxes.engine.take, openShell: boxes.shell.take }
}

/** `ending` is the sentence for a port that closes. */
function createBox(ending: string) {
  let current: (Transport & { close(reason: string): void }) | null = null
  let isTaken = false
  let waiting: ((transport: Transport) => void) | null = null
  return {
    put(port: PortLike) {
      // A port to a process that has died may not say so by itself.
      current?.close(ending)
      const transport = portTransport(port)
      current = { ...transport, onClose: (listener) => transport.onClose(() => listener(ending)) }
      isTaken = waiting !== null
      waiting?.(current)
      waiting = null
    },
    lose() {
      current?.close(ending)
      current = null
    },
    take: () =>
      new Promise<Transport>((resolve) => {
        if (current && !isTaken) {
          isTaken = true
          resolve(current)
        } else waiting = resolve
      })
  }
}
