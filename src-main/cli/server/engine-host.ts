import { fork, type ChildProcess } from 'node:child_process'
import { z } from 'zod'
import { UserError } from '../../../src-shared/errors.ts'

const fromEngine = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('message'), connection: z.number(), data: z.unknown() }),
  z.object({ type: z.literal('close'), connection: z.number(), reason: z.string() })
])

/** `running` once it answers; `stopped` until a new one does; the message is one sentence. */
export type EngineState = { state: 'running' | 'stopped'; message: string }

/** What one connection is told. */
export type ConnectionListener = { onMessage(data: unknown): void; onClose(reason: string): void }

/** The engine process and its connections; a new one is started when it dies. */
export type EngineHost = {
  readonly current: EngineState
  start(): void
  /** Resolves once the engine answers; throws UserError with the reason where none will. */
  ready(): Promise<void>
  open(listener: ConnectionListener): { post(data: unknown): void; close(reason: string): void }
  /** Tells every change of its state until the function that it gives is called. */
  watch(listener: (state: EngineState) => void): () => void
  /** Lets it save what it has at hand, and ends it. */
  stop(): Promise<void>
}

export type EngineHostOptions = {
  /** The engine's program. */
  entry: string
  home: string
  /** null: files may be opened from anywhere. */
  roots: string[] | null
  backend?: string
  /** Shows what it writes; otherwise that is dropped. */
  isVerbose?: boolean
  /** Pauses before each new start; the last one goes on. */
  delaysMs?: readonly number[]
  /** How long it may take to end, and to begin. */
  patienceMs?: number
}

/** Deaths within a minute after which it stays down. */
const mostDeaths = 5
const minuteMs = 60_000
const lateMs = 200

/** The engine process of a lab; `start` begins it, and from then on one is kept running. */
export function createEngineHost(options: EngineHostOptions): EngineHost {
  const { delaysMs = [50, 500, 1000, 2000], patienceMs = 10_000 } = options
  const connections = new Map<number, ConnectionListener>()
  const watchers = new Set<(state: EngineState) => void>()
  const waiting = new Set<{ resolve(): void; reject(error: Error): void }>()
  let current: EngineState = { state: 'stopped', message: 'The engine is starting.' }
  let child: ChildProcess | null = null
  let deaths: number[] = []
  let isDown = false
  let isEnding = false
  let lastConnection = 0

  const change = (state: EngineState) => {
    current = state
    for (const watcher of [...watchers]) watcher(state)
  }
  const post = (message: unknown) => {
    // A child that is about to be reported dead takes nothing any more.
    if (child?.connected) child.send(message as object, () => undefined)
  }
  const takeMessage = (data: unknown) => {
    const message = fromEngine.safeParse(data)
    if (!message.success) return
    if (message.data.type === 'ready') {
      change({ state: 'running', message: '' })
      for (const { resolve } of waiting) resolve()
      waiting.clear()
    } else if (message.data.type === 'message') connections.get(message.data.connection)?.onMessage(message.data.data)
    else closeOne(message.data.connection, message.data.reason)
  }
  const closeOne = (id: number, reason: string) => {
    const listener = connections.get(id)
    connections.delete(id)
    listener?.onClose(reason)
  }

  function start(): void {
    const { entry, home, roots, backend, isVerbose } = options
    const began = fork(entry, [JSON.stringify({ home, roots, ...(backend && { backend }) })], {
      serialization: 'advanced',
      // A group of its own: Ctrl-C in the terminal is for the server, which then ends the engine in good order.
      detached: process.platform !== 'win32',
      execArgv: [],
      // Nothing of it may reach our stdout, on which results go.
      stdio: ['ignore', isVerbose ? 2 : 'ignore', 'pipe', 'ipc']
    })
    const complaint = readComplaint(began, isVerbose ?? false)
    child = began
    const tooSlow = setTimeout(() => killGroup(began), 6 * patienceMs).unref()
    began.on('message', (data) => {
      clearTimeout(tooSlow)
      if (began === child) takeMessage(data)
    })
    let isDead = false
    const die = (how: string) => {
      clearTimeout(tooSlow)
      if (!isDead) takeDeath(how)
      isDead = true
    }
    // A process that could not be started at all has no exit.
    began.on('error', (error) => void (began.pid === undefined && die(error.message)))
    began.on('exit', (code, signal) => {
      const tell = () => die(signal ? `signal ${signal}` : `exit code ${code}${complaint()}`)
      // What it said last may still be on the way; a job process that it left may hold the pipe open.
      const late = setTimeout(tell, lateMs)
      began.on('close', () => {
        clearTimeout(late)
        tell()
      })
    })
  }

  function takeDeath(how: string): void {
    if (isEnding) return
    const now = Date.now()
    deaths = [...deaths.filter((time) => time > now - minuteMs), now]
    isDown = deaths.length >= mostDeaths
    const message = isDown
      ? `The engine ended ${mostDeaths} times within a minute (${how}) and stays down; start the lab again, with --verbose.`
      : `The engine ended unexpectedly (${how}); a new one is starting, and trainings go on from their last checkpoint.`
    change({ state: 'stopped', message })
    for (const id of [...connections.keys()]) closeOne(id, message)
    if (isDown) {
      for (const { reject } of waiting) reject(new UserError(message))
      waiting.clear()
      return
    }
    setTimeout(() => void (isEnding || start()), delaysMs[Math.min(deaths.length, delaysMs.length) - 1] ?? 0)
  }

  return {
    get current() {
      return current
    },
    start,
    ready: () =>
      new Promise((resolve, reject) => {
        if (isEnding) reject(ending())
        else if (current.state === 'running') resolve()
        else if (isDown) reject(new UserError(current.message))
        else waiting.add({ resolve, reject })
      }),
    open(listener) {
      const connection = ++lastConnection
      connections.set(connection, listener)
      post({ type: 'open', connection })
      return {
        post: (data) => void (connections.has(connection) && post({ type: 'message', connection, data })),
        close(reason) {
          if (connections.delete(connection)) post({ type: 'close', connection, reason })
        }
      }
    },
    watch(watcher) {
      watchers.add(watcher)
      return () => void watchers.delete(watcher)
    },
    async stop() {
      isEnding = true
      for (const { reject } of waiting) reject(ending())
      waiting.clear()
      if (child) await endProcess(child, patienceMs)
    }
  }
}

const mostComplaint = 8192

/** Gives what an engine said last of an error, as `: sentence`; all that it writes is shown where that is wanted. */
function readComplaint({ stderr }: ChildProcess, isShown: boolean): () => string {
  let text = ''
  stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-mostComplaint)
    if (isShown) process.stderr.write(chunk)
  })
  return () => {
    const sentence = [...text.matchAll(/^\w*Error: (.+)$/gm)].at(-1)?.[1]
    return sentence ? `: ${sentence.replace(/\.$/, '')}` : ''
  }
}

const ending = () => new UserError('The lab is ending.')

/** Ends a process in good order; by force, with all that it has started, when it takes too long. */
async function endProcess(child: ChildProcess, patienceMs: number): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const timer = setTimeout(() => killGroup(child), patienceMs)
  // Windows has no signals that can be answered.
  if (process.platform === 'win32' && child.connected) child.send({ type: 'end' }, () => undefined)
  else child.kill('SIGTERM')
  await ended
  clearTimeout(timer)
}

function killGroup(child: ChildProcess): void {
  try {
    if (process.platform === 'win32' || child.pid === undefined) child.kill('SIGKILL')
    else process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It has just ended.
  }
}
