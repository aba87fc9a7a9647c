import { MessageChannel } from 'node:worker_threads'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { CancelledError, UserError } from '../../src-shared/errors.ts'
import { DisconnectedError, serve, type Transport } from '../../src-shared/rpc.ts'
import { memoryPair, portTransport } from '../../src-shared/transports.ts'
import { keepAsking } from '../../src-renderer/connection/keep-asking.ts'
import { keepConnected, RefusedError, type ConnectionState } from '../../src-renderer/connection/keep-connected.ts'
import { createPortInbox } from '../../src-renderer/connection/port-inbox.ts'

const calls = {
  name: { request: z.object({}), result: z.string() },
  watch: { request: z.object({}), result: z.string(), progress: z.number() }
}

/** Other sides that come and go: each carrier is answered by the next one, named by its number. */
function createWorld() {
  const lines: ((reason: string) => void)[] = []
  let failure: Error | null = null
  let opened = 0
  const world = {
    get opened() {
      return opened
    },
    fail: (error: Error | null) => void (failure = error),
    /** Cuts the newest carrier. */
    cut: (reason: string) => lines.at(-1)!(reason),
    end: (): void => undefined,
    open(): Promise<Transport> {
      opened++
      if (failure) return Promise.reject(failure)
      const [asking, answering, close] = memoryPair()
      const number = opened
      lines.push(close)
      serve(
        calls,
        {
          name: () => `side ${number}`,
          watch: (_request, { tell, signal }) => {
            tell(number)
            return new Promise((resolve) => {
              world.end = () => resolve(`seen by ${number}`)
              signal.addEventListener('abort', () => resolve('aborted'))
            })
          }
        },
        answering
      )
      return Promise.resolve(asking)
    }
  }
  return world
}

function setUp(options = {}) {
  const world = createWorld()
  const connection = keepConnected(calls, world.open, { delaysMs: [1], ...options })
  const states: ConnectionState[] = []
  const watch = () => connection.state.subscribe((state) => states.push(state))
  return { world, connection, states, watch }
}
const until = (holds: () => boolean) => vi.waitFor(() => expect(holds()).toBe(true), { timeout: 30_000, interval: 5 })

afterEach(() => void vi.useRealTimers())

describe('a connection that is kept', () => {
  it('is opened by the first call, and told as a store', async () => {
    const { world, connection, states, watch } = setUp()
    expect(world.opened).toBe(0)
    expect(await connection.calls.name({})).toBe('side 1')
    const stop = watch()
    expect(states).toEqual([{ state: 'connected', message: '' }])
    stop()
    world.cut('Cut.')
    expect(await connection.calls.name({})).toBe('side 2')
    expect(states).toHaveLength(1)
  })

  it('is made anew when it is cut; what was asked is rejected, what is asked meanwhile waits', async () => {
    const { world, connection, states, watch } = setUp({ delaysMs: [20] })
    watch()
    const asked = connection.calls.watch({}).catch((error: unknown) => error)
    await until(() => states.at(-1)?.state === 'connected')
    await Promise.resolve()
    world.cut('The cable is cut.')
    expect(await asked).toEqual(new DisconnectedError('The cable is cut.'))
    expect(await connection.calls.name({})).toBe('side 2')
    expect(states).toEqual([
      { state: 'connecting', message: '' },
      { state: 'connected', message: '' },
      { state: 'lost', message: 'The cable is cut.' },
      { state: 'connected', message: '' }
    ])
  })

  it('is tried again and again while nobody answers', async () => {
    const { world, connection, states, watch } = setUp()
    world.fail(new Error('The lab does not answer.'))
    watch()
    await until(() => world.opened >= 5)
    expect(states.slice(1).every(({ state }) => state === 'lost')).toBe(true)
    expect(states.at(-1)!.message).toBe('The lab does not answer.')
    world.fail(null)
    expect(await connection.calls.name({})).toMatch(/^side \d+$/)
  })

  it('pauses longer each time, until it is connected or asked to retry', async () => {
    vi.useFakeTimers()
    const { world, connection, watch } = setUp({ delaysMs: [100, 1000, 10_000] })
    world.fail(new Error('No.'))
    watch()
    const openedAfter = async (milliseconds: number) => {
      await vi.advanceTimersByTimeAsync(milliseconds)
      return world.opened
    }
    expect(await openedAfter(0)).toBe(1)
    expect(await openedAfter(100)).toBe(2)
    expect(await openedAfter(999)).toBe(2)
    expect(await openedAfter(1)).toBe(3)
    expect(await openedAfter(9999)).toBe(3)
    connection.retry()
    expect(await openedAfter(0)).toBe(4)
    expect(await openedAfter(9999)).toBe(4)
    world.fail(null)
    expect(await openedAfter(1)).toBe(5)
    world.fail(new Error('No.'))
    world.cut('Cut.')
    expect(await openedAfter(100)).toBe(6)
  })

  it('lets a call wait so long, then says why', async () => {
    vi.useFakeTimers()
    const { world, connection } = setUp({ patienceMs: 8000, delaysMs: [500] })
    world.fail(new Error('The way is cut.'))
    const asked = connection.calls.name({}).catch((error: unknown) => error)
    let isOver = false
    void asked.then(() => (isOver = true))
    await vi.advanceTimersByTimeAsync(7999)
    expect(isOver).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(await asked).toEqual(new DisconnectedError('The way is cut.'))
  })

  it('that has not even failed yet has a sentence, too', async () => {
    vi.useFakeTimers()
    const connection = keepConnected(calls, () => new Promise<Transport>(() => undefined), { patienceMs: 10 })
    const asked = connection.calls.name({}).catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(10)
    expect(await asked).toEqual(new DisconnectedError('The lab has not answered yet; try again in a moment.'))
  })

  it('a call that waits can be cancelled', async () => {
    const { world, connection } = setUp()
    world.fail(new Error('No.'))
    const controller = new AbortController()
    const asked = connection.calls.name({}, { signal: controller.signal })
    controller.abort()
    await expect(asked).rejects.toBeInstanceOf(CancelledError)
    await expect(connection.calls.name({}, { signal: AbortSignal.abort() })).rejects.toBeInstanceOf(CancelledError)
  })

  it('that is refused says so, fails at once, and goes on trying', async () => {
    const { world, connection, states, watch } = setUp()
    world.fail(new RefusedError('Open the new address.'))
    watch()
    await until(() => states.at(-1)?.state === 'refused')
    await expect(connection.calls.name({})).rejects.toThrow(new DisconnectedError('Open the new address.'))
    world.fail(null)
    await until(() => states.at(-1)?.state === 'connected')
    expect(await connection.calls.name({})).toMatch(/^side /)
  })
})

describe('keepAsking', () => {
  it('asks again after every cut, and gives the result', async () => {
    const { world, connection } = setUp()
    const told: number[] = []
    const { signal } = new AbortController()
    const result = keepAsking(connection.calls.watch, {}, (value) => told.push(value), signal)
    await until(() => told.length === 1)
    world.cut('First.')
    await until(() => told.length === 2)
    world.cut('Second.')
    await until(() => told.length === 3)
    world.end()
    expect(await result).toBe('seen by 3')
    expect(told).toEqual([1, 2, 3])
  })

  it('waits out a refusal', async () => {
    const { world, connection, states, watch } = setUp()
    world.fail(new RefusedError('No.'))
    watch()
    const told: number[] = []
    const controller = new AbortController()
    const result = keepAsking(connection.calls.watch, {}, (value) => told.push(value), controller.signal)
    await until(() => states.at(-1)?.state === 'refused')
    world.fail(null)
    await until(() => told.length === 1)
    controller.abort()
    await expect(result).rejects.toBeInstanceOf(CancelledError)
  })

  it('ends with its signal while there is no connection', async () => {
    const { world, connection } = setUp({ patienceMs: 5 })
    world.fail(new Error('No.'))
    const controller = new AbortController()
    const result = keepAsking(connection.calls.watch, {}, () => undefined, controller.signal)
    setTimeout(() => controller.abort(), 20)
    await expect(result).rejects.toBeInstanceOf(CancelledError)
  })

  it('throws what the call throws', async () => {
    const call = () => Promise.reject(new UserError('There is no such job.'))
    await expect(keepAsking(call, {}, () => undefined, new AbortController().signal)).rejects.toThrow(
      new UserError('There is no such job.')
    )
  })
})

describe('the ports of the desktop', () => {
  function createWindow() {
    let listener: Parameters<Parameters<typeof createPortInbox>[0]>[0] = () => undefined
    const inbox = createPortInbox((given) => void (listener = given))
    const send = (name: string, count: number) => {
      const channels = Array.from({ length: count }, () => new MessageChannel())
      for (const { port2 } of channels) serve({ name: calls.name }, { name: () => name }, portTransport(port2))
      listener({ data: { type: 'autodidact-ports' }, ports: channels.map(({ port1 }) => port1) })
      return channels
    }
    return { inbox, send, listener: (event: Parameters<typeof listener>[0]) => listener(event) }
  }
  it('are taken whether they come before they are wanted or after', async () => {
    const { inbox, send } = createWindow()
    const engine = keepConnected({ name: calls.name }, inbox.openEngine)
    const asked = engine.calls.name({})
    const channels = send('first', 2)
    expect(await asked).toBe('first')
    const shell = keepConnected({ name: calls.name }, inbox.openShell)
    expect(await shell.calls.name({})).toBe('first')
    for (const { port1 } of channels) port1.close()
  })

  it('of a new engine take the place of the old one, whose calls are rejected; the shell stays', async () => {
    const { inbox, send } = createWindow()
    const [engine, shell] = [
      keepConnected({ name: calls.name }, inbox.openEngine, { delaysMs: [1] }),
      keepConnected({ name: calls.name }, inbox.openShell, { delaysMs: [1] })
    ]
    const all = send('first', 2)
    await Promise.all([engine.calls.name({}), shell.calls.name({})])
    const states: ConnectionState[] = []
    engine.state.subscribe((state) => states.push(state))
    all.push(...send('second', 1))
    await vi.waitFor(async () => expect(await engine.calls.name({})).toBe('second'))
    expect(await shell.calls.name({})).toBe('first')
    expect(states).toContainEqual({ state: 'lost', message: 'The engine ended.' })
    for (const { port1 } of all) port1.close()
  })

  it('other messages are passed over', async () => {
    const { inbox, send, listener } = createWindow()
    const engine = keepConnected({ name: calls.name }, inbox.openEngine)
    const asked = engine.calls.name({})
    for (const data of [null, 'autodidact-ports', { type: 'other' }, {}]) listener({ data, ports: [] })
    listener({ data: { type: 'autodidact-ports' }, ports: [] })
    const channels = send('first', 1)
    expect(await asked).toBe('first')
    for (const { port1 } of channels) port1.close()
  })
})
