import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { RpcMessage } from '../../../src-shared/rpc.ts'
import { portTransport, type PortLike } from '../../../src-shared/transports.ts'
import type { ParentPort } from '../host/parent-port.ts'
import { describeExit, type JobHost, type JobProcess } from './job-host.ts'

const answerSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('job-port'), id: z.string() }),
  z.object({ type: z.literal('job-exit'), id: z.string(), code: z.number().nullish() })
])

type Started = { onPort(port: PortLike): void; onExit(code: number | null): void }

/** Job processes that Electron's main process starts for this one: a utility process can't fork. */
export function brokerHost(parent: ParentPort): JobHost {
  const started = new Map<string, Started>()
  parent.on('message', ({ data, ports }) => {
    const answer = answerSchema.safeParse(data)
    if (!answer.success) return
    const process = started.get(answer.data.id)
    if (answer.data.type === 'job-port') {
      const [port] = ports
      if (port) process?.onPort(port)
    } else {
      started.delete(answer.data.id)
      process?.onExit(answer.data.code ?? null)
    }
  })

  const start = (): JobProcess => {
    const id = randomUUID()
    const listeners: ((message: unknown) => void)[] = []
    const closing: ((reason: string) => void)[] = []
    const early: RpcMessage[] = []
    let port: ReturnType<typeof portTransport> | null = null
    let closed: string | null = null
    started.set(id, {
      onPort(given) {
        port = portTransport(given)
        port.onMessage((message) => {
          for (const listener of listeners) listener(message)
        })
        for (const message of early.splice(0)) port.post(message)
      },
      onExit(code) {
        closed = describeExit(code, null)
        for (const listener of closing) listener(closed)
      }
    })
    parent.postMessage({ type: 'fork-job', id })
    return {
      post(message) {
        if (port) port.post(message)
        else early.push(message)
      },
      onMessage: (listener) => void listeners.push(listener),
      onClose: (listener) => void (closed === null ? closing.push(listener) : listener(closed)),
      kill: () => parent.postMessage({ type: 'kill-job', id })
    }
  }
  return { start }
}
