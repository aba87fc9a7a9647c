import { fork } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { constants } from 'node:os'
import { app } from './app.mjs'
import { Carrier } from './ports.mjs'

const preload = new URL('./parent-port.mjs', import.meta.url).href

class UtilityProcess extends EventEmitter {
  pid = undefined

  constructor(entry, args, { serviceName = 'Node Utility Process', env, cwd } = {}) {
    super()
    const child = (this.child = fork(entry, args, {
      serialization: 'advanced',
      execArgv: ['--import', preload],
      ...(env && { env }),
      ...(cwd && { cwd })
    }))
    this.pid = child.pid
    this.carrier = new Carrier((message) => child.connected && child.send(message, () => undefined))
    child.on('spawn', () => this.emit('spawn'))
    child.on('message', (message) => {
      if (!this.carrier.take(message)) this.emit('message', message.data)
    })
    child.on('exit', (code, signal) => {
      // What it said last may still be on the way.
      if (child.connected) child.once('disconnect', () => this.end(code, signal, serviceName))
      else this.end(code, signal, serviceName)
    })
  }

  end(code, signal, name) {
    this.pid = undefined
    this.carrier.closeAll()
    const exitCode = code ?? constants.signals[signal]
    const reason = signal === 'SIGKILL' ? 'killed' : signal ? 'crashed' : code === 0 ? 'clean-exit' : 'abnormal-exit'
    const serviceName = 'node.mojom.NodeService'
    if (reason !== 'clean-exit')
      app.emit('child-process-gone', {}, { type: 'Utility', reason, exitCode, serviceName, name })
    this.emit('exit', exitCode)
  }

  postMessage(data, transfer) {
    if (this.pid !== undefined) this.carrier.post('parent', structuredClone(data), transfer)
  }

  kill() {
    return this.child.kill('SIGTERM')
  }
}

const running = new Set()

export const utilityProcess = {
  fork(entry, args = [], options) {
    if (!app.isReady()) throw new Error('utilityProcess cannot be created before app is ready.')
    const child = new UtilityProcess(entry, args, options)
    running.add(child)
    child.on('exit', () => running.delete(child))
    return child
  }
}

/** Utility processes end with the program. */
export function killUtilityProcesses() {
  for (const { child } of running) child.kill('SIGKILL')
}
