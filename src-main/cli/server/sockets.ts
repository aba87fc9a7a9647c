import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import type { RpcMessage, Transport } from '../../../src-shared/rpc.ts'
import { closeCodes, closeReason, socketTransport } from '../../../src-shared/socket-transport.ts'
import { hasCookie, hasOwnOrigin, readHost } from './access.ts'
import type { EngineHost } from './engine-host.ts'

export type SocketParts = {
  token: string
  engine: Pick<EngineHost, 'ready' | 'open'>
  /** Answers the calls of a page to what surrounds it. */
  serveShell(transport: Transport): void
  limits?: Partial<SocketLimits>
}

export type SocketLimits = {
  /** Of one message from a page. */
  mostBytes: number
  /** That wait for a slow page, before it is cut off. */
  mostBuffered: number
  mostSockets: number
  /** Between two signs of life. */
  heartbeatMs: number
  /** How long a page waits for an engine that is starting. */
  patienceMs: number
}

const presets: SocketLimits = {
  mostBytes: 64 * 2 ** 20,
  mostBuffered: 64 * 2 ** 20,
  mostSockets: 200,
  heartbeatMs: 15_000,
  patienceMs: 10_000
}

/** Answers the WebSockets `/engine` and `/shell` of the pages; the function that it gives ends them all. */
export function serveSockets(server: Server, { token, engine, serveShell, limits }: SocketParts): () => void {
  const { mostBytes, mostBuffered, mostSockets, heartbeatMs, patienceMs } = { ...presets, ...limits }
  const sockets = new WebSocketServer({ noServer: true, maxPayload: mostBytes, perMessageDeflate: false })
  const silent = new WeakSet<WebSocket>()
  let isEnding = false

  const heartbeat = setInterval(() => {
    for (const socket of sockets.clients) {
      if (silent.has(socket)) socket.terminate()
      silent.add(socket)
      socket.ping()
    }
  }, heartbeatMs)

  const accept = (request: IncomingMessage, stream: Duplex, head: Buffer, use: (socket: WebSocket) => void) =>
    sockets.handleUpgrade(request, stream, head, (socket) => {
      // What a page sends that breaks the protocol closes its socket, and nothing else.
      socket.on('error', () => undefined)
      socket.on('pong', () => silent.delete(socket))
      socket.on('message', () => silent.delete(socket))
      use(socket)
    })

  function relay(socket: WebSocket): void {
    const transport = socketTransport(socket, mostBuffered)
    const connection = engine.open({
      onMessage: (data) => postOrExplain(transport, data as RpcMessage),
      onClose: (reason) => socket.close(closeCodes.engineStopped, closeReason(reason))
    })
    transport.onMessage((message) => connection.post(message))
    transport.onClose((reason) => connection.close(reason))
  }

  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => stream.destroy())
    const host = readHost(request)
    const path = (request.url ?? '').split('?')[0]
    if (!host || !hasOwnOrigin(request) || !hasCookie(request, host.port, token)) refuse(stream, '403 Forbidden')
    else if (isEnding || sockets.clients.size >= mostSockets) refuse(stream, '503 Service Unavailable')
    else if (path === '/shell')
      accept(request, stream, head, (socket) => serveShell(socketTransport(socket, mostBuffered)))
    else if (path === '/engine')
      void withinTime(engine.ready(), patienceMs).then((isReady) => {
        if (!isReady) refuse(stream, '503 Service Unavailable')
        else if (!stream.destroyed) accept(request, stream, head, relay)
      })
    else refuse(stream, '404 Not Found')
  })

  return () => {
    isEnding = true
    clearInterval(heartbeat)
    for (const socket of sockets.clients) socket.close(1001, 'The lab was ended.')
    setTimeout(() => {
      for (const socket of sockets.clients) socket.terminate()
    }, 500).unref()
  }
}

/** Posts an answer of the engine; one that no frame can hold becomes the error of its call. */
function postOrExplain(transport: Transport, message: RpcMessage): void {
  try {
    transport.post(message)
  } catch (error) {
    transport.post({ type: 'error', id: message.id, name: 'Error', message: (error as Error).message })
  }
}

function refuse(stream: Duplex, status: string): void {
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

/** True once the promise resolves; false where it fails, or takes longer. */
async function withinTime(promise: Promise<void>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), milliseconds)))
  const outcome = promise.then(
    () => true,
    () => false
  )
  return Promise.race([outcome, late]).finally(() => clearTimeout(timer))
}
