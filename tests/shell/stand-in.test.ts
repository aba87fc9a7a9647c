import { describe, expect, it } from 'vitest'
import { createCodec } from '../fakes/electron/codec.mjs'
import { Carrier, MessageChannelMain } from '../fakes/electron/ports.mjs'

// What the tests of the desktop stand on must itself be true.
const { encode, decode } = createCodec()

describe('values between main and page', () => {
  it.each([
    ['typed arrays', { a: new Float32Array([1.5, NaN]), b: new Uint8Array([0, 255]), c: new BigInt64Array([-5n]) }],
    ['parts of buffers', new Uint8Array([1, 2, 3, 4]).subarray(1, 3)],
    ['numbers that JSON lacks', [NaN, Infinity, -Infinity, -0, 0]],
    ['what is nothing', [undefined, null, { a: undefined }]],
    ['collections', new Map<unknown, unknown>([['a', new Set([1, 'x'])]])],
    ['dates and big numbers', [new Date(5), 12345678901234567890n]],
    ['arrays that look like tags', ['undefined', ['view', 1, '']]],
    ['text', 'ä"\\\n\u2028']
  ])('keep %s', (_name, value) => expect(decode(encode(value))).toStrictEqual(value))

  it('refuse functions, as a structured clone does', () => expect(() => encode({ f: () => 1 })).toThrow('cloned'))
})

const turn = () => new Promise((resolve) => setTimeout(resolve, 5))

describe('ports', () => {
  it('keep messages until they are started, in order, then say that the other end has closed', async () => {
    const { port1, port2 } = new MessageChannelMain()
    const told: unknown[] = []
    port2.on('message', ({ data }: { data: unknown }) => told.push(data))
    port2.on('close', () => told.push('closed'))
    port1.postMessage(1)
    await turn()
    expect(told).toEqual([])
    port2.start()
    port1.postMessage(2)
    port1.close()
    port1.postMessage(3)
    await turn()
    expect(told).toEqual([1, 2, 'closed'])
  })

  it('are handed on with what waits in them, and close with whom they were handed to', async () => {
    const sent: Record<string, unknown>[] = []
    const carrier = new Carrier((message: Record<string, unknown>) => sent.push(message))
    const { port1, port2 } = new MessageChannelMain()
    port1.postMessage('early')
    carrier.post('parent', 'hello', [port2])
    port1.postMessage('late')
    const [{ ports }] = sent as [{ ports: number[] }]
    expect(sent).toEqual([
      { name: 'parent', data: 'hello', ports },
      { port: ports[0], data: 'early', ports: [] },
      { port: ports[0], data: 'late', ports: [] }
    ])
    const told: unknown[] = []
    port1.on('message', ({ data }: { data: unknown }) => told.push(data))
    port1.on('close', () => told.push('closed'))
    port1.start()
    carrier.take({ port: ports[0], data: 'answer' })
    carrier.closeAll()
    await turn()
    expect(told).toEqual(['answer', 'closed'])
    expect(() => port2.postMessage('x')).toThrow('handed on')
  })
})
