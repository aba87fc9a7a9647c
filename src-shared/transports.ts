import type { RpcMessage, Transport } from './rpc.ts'

/** What browsers' and Electron's MessagePorts have in common. */
export type PortLike = {
  postMessage(message: unknown): void
  start?(): void
  close?(): void
  addEventListener?(type: 'message' | 'close', listener: (event: { type: string; data?: unknown }) => void): void
  on?(type: 'message' | 'close', listener: (event: { data: unknown }) => void): unknown
}

/**
 * Over a MessagePort: a browser's, Node's or Electron's; messages are cloned, typed arrays stay what they are. Closed by
 * the other end, or by `close`, which ends the port too.
 */
export function portTransport(port: PortLike): Transport & { close(reason: string): void } {
  const closing: ((reason: string) => void)[] = []
  let closed: string | null = null
  const close = (reason: string) => {
    if (closed !== null) return
    closed = reason
    for (const listener of closing) listener(reason)
    port.close?.()
  }
  const onOtherClosed = () => close('The other side closed the connection.')
  if (port.addEventListener) port.addEventListener('close', onOtherClosed)
  else port.on?.('close', onOtherClosed)
  return {
    post: (message) => port.postMessage(message),
    onMessage(listener) {
      const onEvent = (event: { data?: unknown }) => listener(event.data)
      if (port.addEventListener) port.addEventListener('message', onEvent)
      else port.on?.('message', onEvent)
      port.start?.()
    },
    onClose: (listener) => void (closed === null ? closing.push(listener) : listener(closed)),
    close
  }
}

/** Two ends in one process, for tests; messages are cloned and arrive a little later, as over a real carrier. */
export function memoryPair(): [Transport, Transport, close: (reason: string) => void] {
  const listeners: [((message: unknown) => void)[], ((message: unknown) => void)[]] = [[], []]
  const closing: ((reason: string) => void)[] = []
  let closed: string | null = null
  const end = (mine: 0 | 1, other: 0 | 1): Transport => ({
    post(message: RpcMessage) {
      const copy = structuredClone(message)
      queueMicrotask(() => {
        if (closed === null) for (const listener of listeners[other]) listener(copy)
      })
    },
    onMessage: (listener) => void listeners[mine].push(listener),
    onClose: (listener) => void (closed === null ? closing.push(listener) : listener(closed))
  })
  const close = (reason: string) => {
    if (closed !== null) return
    closed = reason
    for (const listener of closing) listener(reason)
  }
  return [end(0, 1), end(1, 0), close]
}
