import { fork } from 'node:child_process'
import type { RpcMessage } from '../../../src-shared/rpc.ts'
import { describeExit, type JobHost, type JobProcess } from './job-host.ts'

/** Job processes as children of this one, running the built `program`. */
export function forkHost(program: string): JobHost {
  return { start: () => startChild(program) }
}

function startChild(program: string): JobProcess {
  // Nothing of it may reach our stdout, on which a command line's results go.
  const child = fork(program, [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: []
  })
  const closing: ((reason: string) => void)[] = []
  let closed: string | null = null
  const close = (reason: string) => {
    if (closed !== null) return
    closed = reason
    for (const listener of closing) listener(reason)
  }
  child.on('error', (error) => close(`its process did not start: ${error.message}`))
  child.on('exit', (code, signal) => {
    // What it said last may still be on the way.
    if (child.connected) child.once('disconnect', () => close(describeExit(code, signal)))
    else close(describeExit(code, signal))
  })
  return {
    post(message: RpcMessage) {
      if (child.connected) child.send(message, () => undefined)
    },
    onMessage: (listener) => void child.on('message', listener),
    onClose: (listener) => void (closed === null ? closing.push(listener) : listener(closed)),
    kill: () => void child.kill('SIGKILL')
  }
}
