// Preloaded into a child that stands for a utility process: gives it `process.parentPort`, and takes what it would not have.
import childProcess from 'node:child_process'
import { EventEmitter } from 'node:events'
import { syncBuiltinESMExports } from 'node:module'

const send = process.send.bind(process)
const connected = () => process.channel !== undefined && process.channel !== null
const post = (message) => {
  if (connected()) send(message, undefined, undefined, () => undefined)
}
const ports = new Map()

class ChildPort extends EventEmitter {
  waiting = []
  isStarted = false
  isClosed = false

  constructor(id) {
    super()
    this.id = id
    ports.set(id, this)
  }

  postMessage(data, transfer = []) {
    if (transfer.length > 0) throw new Error('The stand-in carries no ports out of a utility process.')
    if (!this.isClosed) post({ port: this.id, data })
  }

  start() {
    this.isStarted = true
    for (const event of this.waiting.splice(0)) this.emit('message', event)
  }

  close() {
    if (this.isClosed) return
    this.isClosed = true
    ports.delete(this.id)
    post({ close: this.id })
  }

  receive(event) {
    if (this.isStarted) this.emit('message', event)
    else this.waiting.push(event)
  }

  leave() {
    this.isClosed = true
    ports.delete(this.id)
    this.emit('close')
  }
}

class ParentPort extends EventEmitter {
  waiting = []

  constructor() {
    super()
    // Messages wait for the first who listens.
    this.on('newListener', (type) => {
      if (type === 'message') setImmediate(() => this.waiting.splice(0).forEach((event) => this.emit('message', event)))
    })
  }

  postMessage(data) {
    post({ name: 'parent', data })
  }

  receive(event) {
    if (this.listenerCount('message') > 0 && this.waiting.length === 0) this.emit('message', event)
    else this.waiting.push(event)
  }
}

const parentPort = new ParentPort()
process.on('message', (message) => {
  const given = (message.ports ?? []).map((id) => new ChildPort(id))
  if (message.name === 'parent') parentPort.receive({ data: message.data, ports: given })
  else if (message.close !== undefined) ports.get(message.close)?.leave()
  else ports.get(message.port)?.receive({ data: message.data, ports: given })
})
// The main process is gone, and with it all its utility processes.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))

Object.defineProperty(process, 'parentPort', { value: parentPort })
Object.defineProperty(process, 'type', { value: 'utility' })
Object.defineProperty(process, 'send', { value: undefined })

// In a packed program the fuse runAsNode is off: whoever starts this program again starts another desktop.
const refuse = () => {
  throw new Error('A utility process of a packed desktop starts no Node of its own.')
}
const { spawn } = childProcess
childProcess.fork = refuse
childProcess.spawn = (program, ...rest) => (program === process.execPath ? refuse() : spawn(program, ...rest))
syncBuiltinESMExports()
