import { z } from 'zod'
import type { RpcMessage, Transport } from '../../../src-shared/rpc.ts'
import { portTransport } from '../../../src-shared/transports.ts'
import { findParentPort } from './parent-port.ts'

/** What the engine process does for its host. */
export type Served = {
  /** A window's connection: its calls come over it. */
  onConnection(transport: Transport): void
  /** The host asks for the end, or is gone. */
  onEnd(): void
}

/**
 * Listens to Electron's main process where there is one, else to the Node process that forked this one; from the first
 * moment on, because messages that nobody hears are lost. Gives what tells the host that it is answered now.
 */
export function serveHost(served: Served): () => void {
  const parent = findParentPort()
  if (!parent) return serveChannel(process, served)
  parent.on('message', ({ data, ports: [port] }) => {
    const kind = kindOf(data)
    if (kind === 'port' && port) served.onConnection(portTransport(port))
    else if (kind === 'end') served.onEnd()
  })
  return () => parent.postMessage({ type: 'ready' })
}

const connection = z.union([z.string(), z.number()])
const messageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('open'), connection }),
  z.object({ type: z.literal('message'), connection, data: z.unknown() }),
  z.object({ type: z.literal('close'), connection, reason: z.string() }),
  z.object({ type: z.literal('end') })
])

type Channel = Pick<NodeJS.Process, 'on' | 'connected' | 'send'>
type Open = { hear(data: unknown): void; close(reason: string): void }

/**
 * Many connections over the one channel of a fork; `channel` is the process, or what stands for it in a test. Gives what
 * tells the host that it is answered now.
 */
export function serveChannel(channel: Channel, { onConnection, onEnd }: Served): () => void {
  const open = new Map<string | number, Open>()
  const send = (message: object) => {
    if (channel.connected) channel.send?.(message, undefined, undefined, () => undefined)
  }
  const onGone = () => {
    for (const { close } of open.values()) close('The lab has ended.')
    open.clear()
    onEnd()
  }

  channel.on('message', (data: unknown) => {
    const asked = messageSchema.safeParse(data)
    if (!asked.success) return
    const message = asked.data
    if (message.type === 'end') onEnd()
    else if (message.type === 'open') {
      const { connection } = message
      if (open.has(connection)) return
      const { transport, ...ends } = multiplexed((data) => send({ type: 'message', connection, data }))
      open.set(connection, ends)
      onConnection(transport)
    } else if (message.type === 'message') open.get(message.connection)?.hear(message.data)
    else {
      open.get(message.connection)?.close(message.reason)
      open.delete(message.connection)
    }
  })
  channel.on('disconnect', onGone)
  return () => (channel.connected ? send({ type: 'ready' }) : onGone())
}

function multiplexed(post: (message: RpcMessage) => void): Open & { transport: Transport } {
  const hearing: ((message: unknown) => void)[] = []
  const closing: ((reason: string) => void)[] = []
  /** What came before anybody listened. */
  const early: unknown[] = []
  let closed: string | null = null
  return {
    transport: {
      post(message) {
        if (closed === null) post(message)
      },
      onMessage(listener) {
        hearing.push(listener)
        for (const data of early.splice(0)) listener(data)
      },
      onClose: (listener) => void (closed === null ? closing.push(listener) : listener(closed))
    },
    hear(data) {
      if (hearing.length === 0) early.push(data)
      for (const listener of hearing) listener(data)
    },
    close(reason) {
      closed = reason
      for (const listener of closing) listener(reason)
    }
  }
}

function kindOf(data: unknown): string {
  const message = z.object({ type: z.string() }).safeParse(data)
  return message.success ? message.data.type : ''
}
