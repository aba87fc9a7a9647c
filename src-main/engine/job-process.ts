// A program of its own, built to out/job-process.js: works on one job at a time with a backend of its own, so that what
// it does can neither block nor crash the engine process that asks.
import { setPriority } from 'node:os'
import { serve, type RpcMessage, type Transport } from '../../src-shared/rpc.ts'
import { portTransport } from '../../src-shared/transports.ts'
import { openBackend } from './backend/choose.ts'
import { findParentPort } from './host/parent-port.ts'
import { jobCalls } from './jobs/job-calls.ts'
import { TaskRunner } from './jobs/task-runner.ts'

/** Whoever looks at the window comes first; not so far behind that other programs would starve the job. */
const niceness = 5
/** A task that has been told to end and still runs after this time is given up, milliseconds. */
const patienceMs = 60_000

/** The connection to the engine process: a port that Electron's main process hands over, or the channel of a fork. */
function engineTransport(): Promise<Transport> {
  const parent = findParentPort()
  if (!parent) return Promise.resolve(channelTransport())
  return new Promise((resolve) =>
    parent.on('message', ({ ports: [port] }) => {
      if (port) resolve(portTransport(port))
    })
  )
}

function channelTransport(): Transport {
  return {
    post(message: RpcMessage) {
      if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
    },
    onMessage: (listener) => void process.on('message', listener),
    onClose(listener) {
      const close = () => listener('The engine process has ended.')
      if (process.connected) process.once('disconnect', close)
      else close()
    }
  }
}

const runner = new TaskRunner(openBackend)

/** Lets the task save what it has, then ends. */
async function leave(): Promise<void> {
  setTimeout(() => process.exit(1), patienceMs).unref()
  runner.stop()
  await runner.idle()
  process.exit(0)
}

try {
  setPriority(niceness)
} catch {
  // Then it works as before.
}
// Ctrl-C in a terminal reaches every process of the group; the engine process decides what becomes of the job.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => void leave())
const transport = await engineTransport()
transport.onClose(() => void leave())
serve(jobCalls, runner.handlers, transport)
