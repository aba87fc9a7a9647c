import { socketTransport, type SocketLike } from '../../src-shared/socket-transport.ts'
import type { Transport } from '../../src-shared/rpc.ts'
import { RefusedError } from './keep-connected.ts'

/** A socket that is being opened, as browsers and the package ws make it. */
export type OpeningSocket = SocketLike & {
  addEventListener(type: 'open' | 'error', listener: () => void): void
}

const noAnswer = 'The lab does not answer. It may have been ended, or the way to its machine is cut.'
const refused = 'The lab was started anew and does not know this window any more: open the address that it printed.'

/**
 * Opens a WebSocket of the lab. `askWhy` asks its address `/alive`, where there is a reason: the status, and the sentence
 * that came with it. Throws RefusedError where the lab answers, but not us; otherwise an Error with a sentence.
 */
export async function openSocket(
  make: () => OpeningSocket,
  askWhy: () => Promise<{ status: number; sentence: string }>
): Promise<Transport> {
  const socket = make()
  const transport = socketTransport(socket)
  const isOpen = await new Promise<boolean>((resolve) => {
    socket.addEventListener('open', () => resolve(true))
    socket.addEventListener('error', () => resolve(false))
    socket.addEventListener('close', () => resolve(false))
  })
  if (isOpen) return transport
  const { status, sentence } = await askWhy().catch(() => ({ status: 0, sentence: '' }))
  if (status === 403) throw new RefusedError(refused)
  throw new Error(sentence || noAnswer)
}
