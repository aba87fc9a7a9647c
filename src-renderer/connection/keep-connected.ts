import { CancelledError } from '../../src-shared/errors.ts'
import { connect, DisconnectedError, type Calls, type Contract, type Transport } from '../../src-shared/rpc.ts'

/** `lost` and `refused` are tried again by themselves; the message is one sentence, empty otherwise. */
export type ConnectionState = { state: 'connecting' | 'connected' | 'lost' | 'refused'; message: string }

/** The other side answers, but not us: `refused` until that changes. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
}

/** Makes a new carrier. Throws RefusedError, or an error whose message is a sentence. */
export type OpenCarrier = () => Promise<Transport>

export type Connection<C extends Calls> = {
  /** Calls wait some seconds for a connection, then throw DisconnectedError; one that is cut off throws it at once. */
  calls: Contract<C>
  /** As a store: tells the state now and after each change, until the function that it gives is called. */
  state: { subscribe(listener: (state: ConnectionState) => void): () => void }
  /** Tries again at once. */
  retry(): void
}

type Options = {
  /** How long a call waits for a connection. */
  patienceMs?: number
  /** Pauses between attempts; the last one goes on. */
  delaysMs?: readonly number[]
}

/**
 * The calls of the other side, over carriers that are made anew whenever one closes. The first one is opened with the
 * first call or subscription.
 */
export function keepConnected<C extends Calls>(
  calls: C,
  open: OpenCarrier,
  { patienceMs = 8000, delaysMs = [100, 250, 500, 1000, 2000, 3000] }: Options = {}
): Connection<C> {
  const listeners = new Set<(state: ConnectionState) => void>()
  let current: ConnectionState = { state: 'connecting', message: '' }
  let contract: Contract<C> | null = null
  let isBegun = false
  let wake: () => void = () => undefined

  const change = (state: ConnectionState['state'], message = '') => {
    current = { state, message }
    for (const listener of [...listeners]) listener(current)
  }
  const subscribe = (listener: (state: ConnectionState) => void) => {
    if (!isBegun) void run()
    listeners.add(listener)
    listener(current)
    return () => void listeners.delete(listener)
  }
  const pause = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })

  /** Ends when the carrier has closed, with the sentence why. */
  async function useCarrier(): Promise<string> {
    const carrier = await open()
    contract = connect(calls, carrier)
    const closed = new Promise<string>((resolve) =>
      carrier.onClose((reason) => {
        contract = null
        resolve(reason)
      })
    )
    change('connected')
    return closed
  }

  async function run(): Promise<never> {
    isBegun = true
    for (let attempt = 0; ; attempt++) {
      try {
        const message = await useCarrier()
        attempt = 0
        change('lost', message)
      } catch (error) {
        change(error instanceof RefusedError ? 'refused' : 'lost', (error as Error).message)
      }
      await pause(delaysMs[Math.min(attempt, delaysMs.length - 1)] ?? 1000)
    }
  }

  const waitForContract = (signal?: AbortSignal) =>
    new Promise<Contract<C>>((resolve, reject) => {
      const end = (outcome: () => void) => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', cancel)
        listeners.delete(look)
        outcome()
      }
      const giveUp = () =>
        end(() =>
          reject(new DisconnectedError(current.message || 'The lab has not answered yet; try again in a moment.'))
        )
      const cancel = () => end(() => reject(new CancelledError('Cancelled.')))
      const look = () => {
        if (contract) end(() => resolve(contract!))
        else if (current.state === 'refused') giveUp()
      }
      const timer = setTimeout(giveUp, patienceMs)
      if (signal?.aborted) return cancel()
      signal?.addEventListener('abort', cancel)
      subscribe(look)
    })

  const ask = (name: string) => async (request: unknown, options?: { signal?: AbortSignal }) => {
    const asked = contract ?? (await waitForContract(options?.signal))
    return (asked[name] as (request: unknown, options: unknown) => Promise<unknown>)(request, options)
  }

  return {
    calls: Object.fromEntries(Object.keys(calls).map((name) => [name, ask(name)])) as Contract<C>,
    state: { subscribe },
    retry: () => wake()
  }
}
