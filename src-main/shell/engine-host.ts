import { app, MessageChannelMain, utilityProcess, type MessagePortMain, type UtilityProcess } from 'electron'
import type { ShellEvent } from '../../src-shared/shell-contract.ts'
import { createJobBroker, killAtOnce, type JobBroker } from './job-broker.ts'
import { RestartPolicy } from './restart-policy.ts'

/** `stopped` until an engine answers; the message is one sentence, empty while it runs. */
export type EngineState = Extract<ShellEvent, { kind: 'engine' }>

/** The engine process: one is kept running, with the job processes that it asks for. */
export type EngineHost = {
  readonly current: EngineState
  /** True where it has died too often and is not started again by itself. */
  readonly isDown: boolean
  start(): void
  /** A new connection to the engine that runs, or null where none does. What is posted before it answers waits. */
  connect(): MessagePortMain | null
  /** Tells every change of its state until the function that it gives is called. */
  watch(listener: (state: EngineState) => void): () => void
  /** Lets it save what runs, and ends it with all its jobs, by force after `patienceMs`. */
  stop(): Promise<void>
}

export type EngineHostOptions = {
  /** The programs of the engine process and of its jobs. */
  entry: string
  jobEntry: string
  /** The engine's configuration. */
  config: { home: string; roots: string[] | null }
  policy?: RestartPolicy
  /** How long it may take to save and end. */
  patienceMs?: number
}

const serviceName = 'Autodidact engine'
/** How long it may take to begin. */
const startPatienceMs = 60_000
/** Job processes of a dead engine end by themselves within a minute. */
const orphanPatienceMs = 65_000

/** Why Electron says that a process is gone, as part of a sentence. */
const reasons: Record<string, string> = {
  oom: 'out of memory',
  'memory-eviction': 'out of memory',
  killed: 'killed from outside',
  crashed: 'a crash'
}

/** The engine process of the desktop; `start` begins it. */
export function createEngineHost(options: EngineHostOptions): EngineHost {
  const { entry, jobEntry, config, policy = new RestartPolicy(), patienceMs = 10_000 } = options
  const listeners = new Set<(state: EngineState) => void>()
  let current: EngineState = { kind: 'engine', state: 'stopped', message: 'The engine is starting.' }
  let running: { child: UtilityProcess; broker: JobBroker } | null = null
  let isDown = false
  let isEnding = false
  let lastReason = ''

  const change = (state: EngineState['state'], message: string) => {
    current = { kind: 'engine', state, message }
    for (const listener of [...listeners]) listener(current)
  }

  function start(): void {
    if (running || isEnding) return
    if (isDown) policy.reset()
    isDown = false
    lastReason = ''
    const child = utilityProcess.fork(entry, [JSON.stringify(config)], { serviceName })
    const broker = createJobBroker(jobEntry, child)
    running = { child, broker }
    const tooSlow = setTimeout(() => killAtOnce(child), startPatienceMs)
    child.on('message', (message: unknown) => {
      if ((message as { type?: unknown } | null)?.type === 'ready') {
        clearTimeout(tooSlow)
        if (!isEnding) change('running', '')
      } else broker.take(message)
    })
    child.on('exit', (code) => {
      clearTimeout(tooSlow)
      broker.orphan(orphanPatienceMs)
      if (running?.child === child) running = null
      if (!isEnding) takeDeath(lastReason || `exit code ${code}`)
    })
  }

  function takeDeath(how: string): void {
    const delayMs = policy.noteDeath(Date.now())
    isDown = delayMs === null
    if (delayMs !== null) setTimeout(start, delayMs)
    change(
      'stopped',
      isDown
        ? `The engine ended ${policy.mostDeaths} times within a minute (${how}) and stays down; choose Run, Restart the engine, or start Autodidact from a terminal to see why.`
        : `The engine ended unexpectedly (${how}); a new one is starting, and trainings go on from their last checkpoint.`
    )
  }

  // Told about the same death as the exit, and why; the exit comes in any case.
  app.on('child-process-gone', (_event, { name, reason, exitCode }) => {
    if (name === serviceName && reason !== 'clean-exit') lastReason = reasons[reason] ?? `exit code ${exitCode}`
  })

  return {
    get current() {
      return current
    },
    get isDown() {
      return isDown
    },
    start,
    connect() {
      if (!running) return null
      const { port1, port2 } = new MessageChannelMain()
      running.child.postMessage({ type: 'port' }, [port2])
      return port1
    },
    watch(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async stop() {
      isEnding = true
      if (!running) return
      const { child, broker } = running
      const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
      const timer = setTimeout(() => killAtOnce(child), patienceMs)
      child.postMessage({ type: 'end' })
      await ended
      clearTimeout(timer)
      broker.killAll()
    }
  }
}
