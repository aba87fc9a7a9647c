import { decodeFrame, encodeFrame } from './frames.ts'
import type { Transport } from './rpc.ts'

/** Why a socket was closed, beside the codes of the protocol itself. */
export const closeCodes = {
  /** What came was no frame of ours. */
  badFrame: 4400,
  /** The engine process is gone; the reason says whether a new one comes. */
  engineStopped: 4503
} as const

/** What browsers' WebSockets and those of the package ws have in common. */
export type SocketLike = {
  binaryType: string
  readonly readyState: number
  readonly bufferedAmount: number
  send(data: Uint8Array<ArrayBuffer>): void
  close(code?: number, reason?: string): void
  /** Node only: ends the connection without waiting for what is buffered. */
  terminate?(): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  addEventListener(type: 'close', listener: (event: { code: number; reason: string }) => void): void
}

/** A sentence as the reason of a closed socket, which has room for 123 bytes. */
export function closeReason(sentence: string): string {
  let reason = ''
  for (const character of sentence) {
    if (new TextEncoder().encode(reason + character).length > 123) return reason
    reason += character
  }
  return reason
}

const open = 1
/** Bytes that wait for a reader; beyond them it is taken for gone, and may come back. */
const mostBuffered = 64 * 2 ** 20

/**
 * Over a WebSocket, one binary frame a message. A frame that cannot be read closes the socket with `closeCodes.badFrame`;
 * a reader who is more than 64 MiB behind is cut off. What is posted to a closed socket is dropped.
 */
export function socketTransport(socket: SocketLike, limit = mostBuffered): Transport & { close(reason: string): void } {
  const closing: ((reason: string) => void)[] = []
  let closed: string | null = null
  let isBad = false
  socket.binaryType = 'arraybuffer'
  socket.addEventListener('close', ({ reason }) => {
    if (closed !== null) return
    closed = reason || 'The connection to the lab was lost.'
    for (const listener of closing) listener(closed)
  })
  return {
    post(message) {
      if (socket.readyState !== open) return
      const frame = encodeFrame(message)
      if (socket.bufferedAmount <= limit) return socket.send(frame)
      if (socket.terminate) socket.terminate()
      else socket.close()
    },
    onMessage(listener) {
      socket.addEventListener('message', ({ data }) => {
        if (isBad) return
        let message: unknown
        try {
          message = decodeFrame(data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array())
        } catch {
          isBad = true
          return socket.close(closeCodes.badFrame, 'What was sent is no frame of the lab.')
        }
        listener(message)
      })
    },
    onClose: (listener) => void (closed === null ? closing.push(listener) : listener(closed)),
    close: (reason) => socket.close(1000, closeReason(reason))
  }
}
