import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createEngineHost } from '../../src-main/shell/engine-host.ts'
import { RestartPolicy } from '../../src-main/shell/restart-policy.ts'

/** Utility processes that do what the test says. */
class FakeChild extends EventEmitter {
  pid: number | undefined = undefined
  readonly posted: { message: unknown; ports: number }[] = []
  kills = 0
  constructor(
    readonly entry: string,
    readonly args: string[],
    readonly options: { serviceName: string }
  ) {
    super()
  }
  postMessage(message: unknown, ports: unknown[] = []): void {
    this.posted.push({ message, ports: ports.length })
  }
  kill(): void {
    this.kills++
  }
}

const fakes = vi.hoisted(() => ({ children: [] as unknown[], app: null as unknown }))
const children = fakes.children as FakeChild[]
vi.mock('electron', async () => {
  const { EventEmitter } = await import('node:events')
  const app = new EventEmitter()
  fakes.app = app
  return {
    app,
    MessageChannelMain: class {
      port1 = { name: 'port1' }
      port2 = { name: 'port2' }
    },
    utilityProcess: {
      fork(entry: string, args: string[], options: { serviceName: string }) {
        const child = new FakeChild(entry, args, options)
        children.push(child)
        return child
      }
    }
  }
})

function createHost(policy?: RestartPolicy) {
  const host = createEngineHost({
    entry: 'engine.js',
    jobEntry: 'job.js',
    config: { home: '/home', roots: null },
    ...(policy && { policy })
  })
  const states: string[] = []
  host.watch(({ state, message }) => states.push(message || state))
  host.start()
  return { host, states }
}
const newest = () => children.at(-1)!

beforeEach(() => {
  children.length = 0
  ;(fakes.app as EventEmitter).removeAllListeners()
  vi.useFakeTimers()
})
afterEach(() => void vi.useRealTimers())

describe('the engine', () => {
  it('is one process, with its configuration as JSON', () => {
    const { host } = createHost()
    host.start()
    expect(children.map(({ entry, args }) => [entry, args])).toEqual([['engine.js', ['{"home":"/home","roots":null}']]])
  })

  it('runs once it says so', () => {
    const { host, states } = createHost()
    expect(host.current).toMatchObject({ state: 'stopped', message: 'The engine is starting.' })
    newest().emit('message', { type: 'ready' })
    expect(states).toEqual(['running'])
  })

  it.each([null, undefined, 'ready', 5, {}, { type: 'other' }, { type: 'fork-job' }, { type: 'fork-job', id: 7 }])(
    'is not disturbed by %j',
    (message) => {
      const { states } = createHost()
      newest().emit('message', message)
      expect(states).toEqual([])
      expect(children.length).toBe(1)
    }
  )

  it('gets a port for every connection, none while it is dead', () => {
    const { host } = createHost()
    expect(host.connect()).toEqual({ name: 'port1' })
    expect(newest().posted).toEqual([{ message: { type: 'port' }, ports: 1 }])
    newest().emit('exit', 1)
    expect(host.connect()).toBeNull()
  })

  it('that does not begin in a minute is ended', () => {
    createHost()
    vi.advanceTimersByTime(59_000)
    expect(newest().kills).toBe(0)
    vi.advanceTimersByTime(2000)
    expect(newest().kills).toBe(1)
  })

  it('that dies is started again, later each time, until it has died five times within a minute', () => {
    const { host, states } = createHost()
    for (const [deaths, delayMs] of [100, 500, 1000, 2000].entries()) {
      newest().emit('exit', 1)
      vi.advanceTimersByTime(delayMs - 1)
      expect(children.length).toBe(deaths + 1)
      vi.advanceTimersByTime(1)
      expect(children.length).toBe(deaths + 2)
    }
    expect(host.isDown).toBe(false)
    newest().emit('exit', 1)
    vi.advanceTimersByTime(120_000)
    expect(children.length).toBe(5)
    expect(host.isDown).toBe(true)
    expect(states.at(-1)).toBe(
      'The engine ended 5 times within a minute (exit code 1) and stays down; choose Run, Restart the engine, or start Autodidact from a terminal to see why.'
    )
    host.start()
    expect(children.length).toBe(6)
    newest().emit('exit', 1)
    vi.advanceTimersByTime(100)
    expect(children.length).toBe(7)
  })

  it('that dies now and then is always started again', () => {
    createHost()
    for (let death = 1; death <= 20; death++) {
      newest().emit('exit', 1)
      vi.advanceTimersByTime(20_000)
      expect(children.length).toBe(death + 1)
    }
  })

  it.each([
    ['oom', 'out of memory'],
    ['crashed', 'a crash'],
    ['abnormal-exit', 'exit code 11']
  ])('says why it died, where that is known: %s', (reason, words) => {
    const { states } = createHost()
    const app = fakes.app as EventEmitter
    app.emit('child-process-gone', {}, { type: 'Utility', name: 'Autodidact engine', reason, exitCode: 11 })
    app.emit('child-process-gone', {}, { type: 'GPU', name: 'GPU', reason: 'killed', exitCode: 9 })
    newest().emit('exit', 139)
    expect(states).toEqual([
      `The engine ended unexpectedly (${words}); a new one is starting, and trainings go on from their last checkpoint.`
    ])
  })

  it('is asked to end, and ended after ten seconds', async () => {
    const { host, states } = createHost()
    const engine = newest()
    const stopped = host.stop()
    expect(engine.posted).toEqual([{ message: { type: 'end' }, ports: 0 }])
    vi.advanceTimersByTime(9999)
    expect(engine.kills).toBe(0)
    vi.advanceTimersByTime(1)
    expect(engine.kills).toBe(1)
    engine.emit('exit', 0)
    await stopped
    vi.advanceTimersByTime(60_000)
    expect(children.length).toBe(1)
    expect(states).toEqual([])
  })

  it('that is between two lives ends at once', async () => {
    const { host } = createHost()
    newest().emit('exit', 1)
    await host.stop()
    vi.advanceTimersByTime(60_000)
    expect(children.length).toBe(1)
  })
})

describe('job processes', () => {
  it('are forked once for an id, connected, and their end is told', () => {
    createHost()
    const engine = newest()
    for (let i = 0; i < 2; i++) engine.emit('message', { type: 'fork-job', id: 'a' })
    expect(children.length).toBe(2)
    const job = newest()
    expect({ entry: job.entry, posted: job.posted }).toEqual({
      entry: 'job.js',
      posted: [{ message: { type: 'port' }, ports: 1 }]
    })
    job.emit('exit', 3)
    expect(engine.posted).toEqual([
      { message: { type: 'job-port', id: 'a' }, ports: 1 },
      { message: { type: 'job-exit', id: 'a', code: 3 }, ports: 0 }
    ])
  })

  it('are killed by id', () => {
    createHost()
    const engine = newest()
    engine.emit('message', { type: 'fork-job', id: 'a' })
    const job = newest()
    engine.emit('message', { type: 'kill-job', id: 'b' })
    expect(job.kills).toBe(0)
    engine.emit('message', { type: 'kill-job', id: 'a' })
    expect(job.kills).toBe(1)
  })

  it('of a dead engine have a minute to save what they have', () => {
    createHost()
    const engine = newest()
    engine.emit('message', { type: 'fork-job', id: 'a' })
    const job = newest()
    engine.emit('exit', 1)
    const told = engine.posted.length
    vi.advanceTimersByTime(60_000)
    expect(job.kills).toBe(0)
    vi.advanceTimersByTime(6000)
    expect(job.kills).toBe(1)
    job.emit('exit', 0)
    expect(engine.posted.length).toBe(told)
  })

  it('end with the program', async () => {
    const { host } = createHost()
    const engine = newest()
    engine.emit('message', { type: 'fork-job', id: 'a' })
    const job = newest()
    const stopped = host.stop()
    engine.emit('exit', 0)
    await stopped
    expect(job.kills).toBe(1)
  })
})
