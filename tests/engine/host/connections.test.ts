import { EventEmitter } from 'node:events'
import { describe, expect, test } from 'vitest'
import { serveChannel } from '../../../src-main/engine/host/connections.ts'
import type { Transport } from '../../../src-shared/rpc.ts'

/** The channel of a forked process, whose host the test plays. */
function world() {
  const sent: unknown[] = []
  const opened: Transport[] = []
  let ends = 0
  const channel = Object.assign(new EventEmitter(), {
    connected: true,
    send: (message: unknown) => Boolean(sent.push(message))
  })
  const serveIt = () =>
    serveChannel(channel as unknown as NodeJS.Process, {
      onConnection: (transport) => void opened.push(transport),
      onEnd: () => void (ends += 1)
    })
  return { channel, sent, opened, serveIt, say: (data: unknown) => channel.emit('message', data), ends: () => ends }
}

describe('the connections of a forked engine process', () => {
  test('are told apart', () => {
    const { sent, opened, serveIt, say } = world()
    serveIt()()
    expect(sent).toEqual([{ type: 'ready' }])
    say({ type: 'open', connection: 1 })
    say({ type: 'open', connection: 'b' })
    const heard: unknown[][] = [[], []]
    opened.forEach((transport, index) => transport.onMessage((data) => void heard[index]!.push(data)))
    say({ type: 'message', connection: 'b', data: { x: NaN } })
    say({ type: 'message', connection: 3, data: 'for nobody' })
    expect(heard).toEqual([[], [{ x: NaN }]])
    const message = { type: 'cancel' as const, id: 7 }
    opened[0]!.post(message)
    expect(sent.at(-1)).toEqual({ type: 'message', connection: 1, data: message })
  })

  test('lose nothing that comes before the lab is there, and say so only then', () => {
    const { sent, opened, serveIt, say } = world()
    const tellReady = serveIt()
    say({ type: 'open', connection: 1 })
    say({ type: 'message', connection: 1, data: 'early' })
    expect(sent).toEqual([])
    tellReady()
    expect(sent).toEqual([{ type: 'ready' }])
    const heard: unknown[] = []
    opened[0]!.onMessage((data) => void heard.push(data))
    say({ type: 'message', connection: 1, data: 'late' })
    expect(heard).toEqual(['early', 'late'])
  })

  test('close one by one, and say nothing afterwards', () => {
    const { sent, opened, serveIt, say } = world()
    serveIt()()
    say({ type: 'open', connection: 1 })
    say({ type: 'open', connection: 2 })
    const reasons: string[] = []
    opened[0]!.onClose((reason) => void reasons.push(reason))
    say({ type: 'close', connection: 1, reason: 'The tab was closed.' })
    say({ type: 'close', connection: 1, reason: 'twice' })
    opened[0]!.onClose((reason) => void reasons.push(reason))
    expect(reasons).toEqual(['The tab was closed.', 'The tab was closed.'])
    const count = sent.length
    opened[0]!.post({ type: 'cancel', id: 1 })
    expect(sent).toHaveLength(count)
    // The number may be used again.
    say({ type: 'open', connection: 1 })
    expect(opened).toHaveLength(3)
  })

  test('opened twice are one', () => {
    const { opened, serveIt, say } = world()
    serveIt()()
    say({ type: 'open', connection: 1 })
    say({ type: 'open', connection: 1 })
    expect(opened).toHaveLength(1)
  })

  test('end with their host', () => {
    const { channel, sent, opened, serveIt, say, ends } = world()
    serveIt()()
    say({ type: 'open', connection: 1 })
    const reasons: string[] = []
    opened[0]!.onClose((reason) => void reasons.push(reason))
    channel.connected = false
    channel.emit('disconnect')
    expect(ends()).toBe(1)
    expect(reasons).toEqual(['The lab has ended.'])
    const count = sent.length
    opened[0]!.post({ type: 'cancel', id: 1 })
    expect(sent).toHaveLength(count)
  })

  test('end when the host asks for it, or was gone before they began', () => {
    const asked = world()
    asked.serveIt()()
    asked.say({ type: 'end' })
    expect(asked.ends()).toBe(1)
    const gone = world()
    gone.channel.connected = false
    gone.serveIt()()
    expect(gone.ends()).toBe(1)
    expect(gone.sent).toEqual([])
  })

  test('are not made by what is no message of ours', () => {
    const { opened, serveIt, say, ends } = world()
    serveIt()()
    for (const data of [null, 1, 'open', {}, { type: 'open' }, { type: 'open', connection: {} }, { type: 'shut' }, []])
      say(data)
    expect(opened).toEqual([])
    expect(ends()).toBe(0)
  })
})
