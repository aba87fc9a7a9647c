import { z } from 'zod'
import { CancelledError, UsageError, UserError } from './errors.ts'

/** A table of calls: what each takes, gives, and tells on the way. */
export type Calls = Record<string, { request: z.ZodType; result: z.ZodType; progress?: z.ZodType }>

type ProgressOf<C> = C extends { progress: z.ZodType } ? z.infer<C['progress']> : never

/** How a call is followed and cancelled. */
export type CallOf<C extends Calls[string]> = (
  request: z.input<C['request']>,
  options?: { onProgress?: (value: ProgressOf<C>) => void; signal?: AbortSignal }
) => Promise<z.infer<C['result']>>

/** What a table of calls offers. */
export type Contract<C extends Calls> = { [K in keyof C]: CallOf<C[K]> }

/** How a side answers a call: `request` has been checked, `tell` sends progress. */
export type Handlers<C extends Calls> = {
  [K in keyof C]: (
    request: z.infer<C[K]['request']>,
    context: { tell: (value: ProgressOf<C[K]>) => void; signal: AbortSignal }
  ) => Promise<z.input<C[K]['result']>> | z.input<C[K]['result']>
}

const id = z.number().int()
const message = z.discriminatedUnion('type', [
  z.object({ type: z.literal('call'), id, name: z.string(), request: z.unknown() }),
  z.object({ type: z.literal('cancel'), id }),
  z.object({ type: z.literal('progress'), id, value: z.unknown() }),
  z.object({ type: z.literal('result'), id, value: z.unknown() }),
  z.object({ type: z.literal('error'), id, name: z.string(), message: z.string() })
])
export type RpcMessage = z.infer<typeof message>

/** Carries messages to one other side and back, in order. What it gives to `onMessage` may be anything: it is checked. */
export type Transport = {
  post(message: RpcMessage): void
  onMessage(listener: (message: unknown) => void): void
  /** Called once when no more messages can come, with a sentence why. */
  onClose(listener: (reason: string) => void): void
}

/** A call that got no answer because the other side is gone; it may be asked again once it is back. */
export class DisconnectedError extends UserError {
  override readonly name = 'DisconnectedError'
}

const errorTypes: Record<string, new (message: string) => UserError> = {
  UserError,
  UsageError,
  CancelledError,
  DisconnectedError
}

/** The type of error that the other side names; inherited names (`constructor`) are as unknown as any other. */
const errorType = (name: string) => (Object.hasOwn(errorTypes, name) ? errorTypes[name] : undefined) ?? Error

/** What is wrong with a value, for one sentence: the first thing found, and where. */
function describeIssue({ issues: [issue] }: z.ZodError): string {
  if (!issue) return 'it does not fit.'
  const at = issue.path.map(String).join('.')
  return `${at ? `${at}: ` : ''}${issue.message.replace(/\.?\s*$/, '.')}`
}

/**
 * The calls of the other side of `transport`. Each throws what the other side threw (UserErrors by their type, others
 * as plain Error), CancelledError when its signal is aborted, DisconnectedError when the carrier closes.
 */
export function connect<C extends Calls>(calls: C, transport: Transport): Contract<C> {
  type Waiting = { finish(outcome: () => void): void; onAnswer(answer: RpcMessage): void }
  const waiting = new Map<number, Waiting>()
  let closed: string | null = null
  let last = 0

  transport.onMessage((data) => {
    const answer = message.safeParse(data)
    if (answer.success) waiting.get(answer.data.id)?.onAnswer(answer.data)
  })
  transport.onClose((reason) => {
    closed ??= reason
    for (const { finish } of [...waiting.values()])
      finish(() => {
        throw new DisconnectedError(reason)
      })
  })

  const call = (name: string): CallOf<Calls[string]> => {
    const { result, progress } = calls[name]!
    return (request, { onProgress, signal } = {}) =>
      new Promise((resolve, reject) => {
        if (closed !== null) return reject(new DisconnectedError(closed))
        if (signal?.aborted) return reject(new CancelledError('Cancelled.'))
        const id = ++last
        const finish = (outcome: () => unknown) => {
          waiting.delete(id)
          signal?.removeEventListener('abort', cancel)
          try {
            resolve(outcome())
          } catch (error) {
            reject(error as Error)
          }
        }
        const giveUp = (error: unknown) => {
          transport.post({ type: 'cancel', id })
          finish(() => {
            throw error
          })
        }
        const cancel = () => giveUp(new CancelledError('Cancelled.'))
        const onAnswer = (answer: RpcMessage) => {
          if (answer.type === 'progress') {
            const value = progress?.safeParse(answer.value)
            try {
              if (value?.success) onProgress?.(value.data as never)
            } catch (error) {
              giveUp(error)
            }
          } else if (answer.type === 'result')
            finish(() => {
              const value = result.safeParse(answer.value)
              if (value.success) return value.data
              throw new Error(`The call ${name} was answered wrongly: ${describeIssue(value.error)}`)
            })
          else if (answer.type === 'error')
            finish(() => {
              throw new (errorType(answer.name))(answer.message)
            })
        }
        waiting.set(id, { finish, onAnswer })
        signal?.addEventListener('abort', cancel)
        try {
          transport.post({ type: 'call', id, name, request })
        } catch (error) {
          finish(() => {
            throw error
          })
        }
      })
  }
  return Object.fromEntries(Object.keys(calls).map((name) => [name, call(name)])) as Contract<C>
}

/** Answers the calls that come over `transport`; what still runs when it closes is cancelled. Only the table's own. */
export function serve<C extends Calls>(calls: C, handlers: Handlers<C>, transport: Transport): void {
  const running = new Map<number, AbortController>()

  async function answer(id: number, name: string, data: unknown): Promise<void> {
    // A second call with the number of one that runs could be neither told apart nor cancelled.
    if (running.has(id)) return
    const controller = new AbortController()
    running.set(id, controller)
    try {
      if (!Object.hasOwn(calls, name)) throw new UsageError(`There is no call ${JSON.stringify(name.slice(0, 60))}.`)
      const request = calls[name]!.request.safeParse(data)
      if (!request.success) throw new UsageError(`The call ${name} was asked wrongly: ${describeIssue(request.error)}`)
      const tell = (value: unknown) => {
        if (!controller.signal.aborted) transport.post({ type: 'progress', id, value })
      }
      const value = await handlers[name]!(request.data as never, { tell: tell as never, signal: controller.signal })
      if (!controller.signal.aborted) transport.post({ type: 'result', id, value })
    } catch (error) {
      if (controller.signal.aborted) return
      const { name, message } = error instanceof Error ? error : new Error(String(error))
      transport.post({ type: 'error', id, name, message })
    } finally {
      running.delete(id)
    }
  }

  transport.onMessage((data) => {
    const asked = message.safeParse(data)
    if (!asked.success) return
    if (asked.data.type === 'call') void answer(asked.data.id, asked.data.name, asked.data.request)
    else if (asked.data.type === 'cancel') running.get(asked.data.id)?.abort()
  })
  transport.onClose(() => {
    for (const controller of running.values()) controller.abort()
  })
}
