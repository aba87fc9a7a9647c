import { EventEmitter } from 'node:events'

/** One end of a channel: here, or held for another process or a page by a Carrier. */
export class MessagePortMain extends EventEmitter {
  partner = null
  carrier = null
  isStarted = false
  isClosed = false
  hasLeft = false
  waiting = []

  /** The other end of a new channel. */
  pair() {
    this.partner = new MessagePortMain()
    this.partner.partner = this
    return this.partner
  }

  postMessage(data, transfer = []) {
    if (this.carrier) throw new Error('This port has been handed on.')
    if (this.isClosed || this.partner.isClosed) return
    this.partner.receive(structuredClone(data), transfer)
  }

  start() {
    this.isStarted = true
    for (const message of this.waiting.splice(0)) this.tell(message)
  }

  close() {
    if (this.isClosed) return
    this.isClosed = true
    this.partner.leave()
  }

  /** A message from the other end. */
  receive(data, ports) {
    if (this.isClosed) return
    if (this.carrier) this.carrier.forward(this, data, ports)
    else if (this.isStarted) this.tell({ data, ports })
    else this.waiting.push({ data, ports })
  }

  tell(message) {
    // What came before the other end left is still told.
    setImmediate(() => {
      if (!this.isClosed || this.hasLeft) this.emit('message', message)
    })
  }

  /** The other end is gone. */
  leave() {
    if (this.isClosed) return
    this.isClosed = true
    this.hasLeft = true
    if (this.carrier) this.carrier.tellClosed(this)
    else setImmediate(() => this.emit('close'))
  }
}

export class MessageChannelMain {
  port1 = new MessagePortMain()
  port2 = this.port1.pair()
}

/** Carries ports to one other process or page: `send` takes messages that `take` of the other side understands. */
export class Carrier {
  static last = 0
  ports = new Map()

  constructor(send) {
    this.send = send
  }

  /** A message with ports; `name` says who hears it over there. */
  post(name, data, transfer = []) {
    const ids = transfer.map((port) => this.adopt(port))
    this.send({ name, data, ports: ids })
    for (const port of transfer) this.forwardWaiting(port)
  }

  forward(port, data, transfer) {
    const ids = transfer.map((one) => this.adopt(one))
    this.send({ port: port.id, data, ports: ids })
    for (const one of transfer) this.forwardWaiting(one)
  }

  adopt(port) {
    if (port.carrier) throw new Error('A port can be handed on only once.')
    port.carrier = this
    port.id = ++Carrier.last
    this.ports.set(port.id, port)
    return port.id
  }

  forwardWaiting(port) {
    for (const { data, ports } of port.waiting.splice(0)) this.forward(port, data, ports)
    if (port.isClosed) this.tellClosed(port)
  }

  tellClosed(port) {
    this.ports.delete(port.id)
    this.send({ close: port.id })
  }

  /** A message from over there: for a port's other end, or its close. False where it is neither. */
  take(message) {
    const port = this.ports.get(message.port ?? message.close)
    if (message.port === undefined && message.close === undefined) return false
    if (port && message.close !== undefined) this.drop(port)
    else if (port) port.partner.receive(message.data, [])
    return true
  }

  drop(port) {
    this.ports.delete(port.id)
    port.isClosed = true
    port.partner.leave()
  }

  /** What it carried to is gone. */
  closeAll() {
    this.send = () => undefined
    for (const port of [...this.ports.values()]) this.drop(port)
  }
}
