import { MessageChannel } from 'node:worker_threads'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { CancelledError, UsageError, UserError } from '../../src-shared/errors.ts'
import {
  connect,
  DisconnectedError,
  serve,
  type Handlers,
  type RpcMessage,
  type Transport
} from '../../src-shared/rpc.ts'
import { memoryPair, portTransport } from '../../src-shared/transports.ts'

const calls = {
  double: { request: z.object({ value: z.number() }), result: z.object({ value: z.number() }) },
  bytes: { request: z.object({ data: z.instanceof(Float32Array) }), result: z.instanceof(Float32Array) },
  count: { request: z.object({ to: z.number() }), result: z.object({}), progress: z.number() },
  fail: { request: z.object({ name: z.string() }), result: z.object({}) },
  wait: { request: z.object({}), result: z.object({}) },
  lie: { request: z.object({}), result: z.object({ value: z.string() }) }
}

const errors: Record<string, Error> = {
  UserError: new UserError('Choose another file.'),
  UsageError: new UsageError('Choose another value.'),
  CancelledError: new CancelledError('Ended.'),
  DisconnectedError: new DisconnectedError('Gone.'),
  RangeError: new RangeError('Too long.'),
  constructor: Object.assign(new Error('Odd.'), { name: 'constructor' }),
  __proto__: Object.assign(new Error('Odd.'), { name: '__proto__' })
}

/** What the handlers saw. */
type Seen = { aborted: number; asked: string[] }

function createHandlers(seen: Seen): Handlers<typeof calls> {
  return {
    double: ({ value }) => ({ value: 2 * value }),
    bytes: ({ data }) => data.map((value) => -value),
    count({ to }, { tell }) {
      for (let i = 1; i <= to; i++) tell(i)
      return {}
    },
    fail({ name }) {
      seen.asked.push(name)
      throw Object.hasOwn(errors, name) ? errors[name]! : new Error('Unknown.')
    },
    wait: (_request, { signal }) =>
      new Promise((_resolve, reject) => {
        seen.asked.push('wait')
        signal.addEventListener('abort', () => {
          seen.aborted++
          reject(new CancelledError('Ended over there.'))
        })
      }),
    lie: () => ({ value: 7 as unknown as string })
  }
}

type Ends = { asking: Transport; answering: Transport; close(reason: string): void }
const open: (() => void)[] = []
afterEach(() => {
  for (const close of open.splice(0)) close()
})

const carriers: [string, () => Ends][] = [
  [
    'in memory',
    () => {
      const [asking, answering, close] = memoryPair()
      return { asking, answering, close }
    }
  ],
  [
    'over a MessageChannel',
    () => {
      const { port1, port2 } = new MessageChannel()
      const [asking, answering] = [portTransport(port1), portTransport(port2)]
      open.push(() => port1.close())
      return { asking, answering, close: (reason) => asking.close(reason) }
    }
  ]
]

const soon = () => new Promise((resolve) => setTimeout(resolve, 20))

describe.each(carriers)('calls %s', (_name, makeEnds) => {
  function setUp() {
    const ends = makeEnds()
    const seen: Seen = { aborted: 0, asked: [] }
    serve(calls, createHandlers(seen), ends.answering)
    const answers: RpcMessage[] = []
    ends.asking.onMessage((message) => answers.push(message as RpcMessage))
    return { ...ends, seen, answers, contract: connect(calls, ends.asking) }
  }
  const answerTo = async ({ answers }: { answers: RpcMessage[] }, id: number) => {
    for (;;) {
      const answer = answers.find((message) => message.id === id)
      if (answer) return answer
      await soon()
    }
  }

  it('give their results, typed arrays as such, many at once', async () => {
    const { contract } = setUp()
    const results = await Promise.all([1, 2, 3].map((value) => contract.double({ value })))
    expect(results).toEqual([{ value: 2 }, { value: 4 }, { value: 6 }])
    expect(await contract.bytes({ data: new Float32Array([1, NaN]) })).toStrictEqual(new Float32Array([-1, NaN]))
  })

  it('tell their progress in order, before the result', async () => {
    const { contract } = setUp()
    const told: number[] = []
    await contract.count({ to: 100 }, { onProgress: (value) => told.push(value) })
    expect(told).toEqual(Array.from({ length: 100 }, (_, i) => i + 1))
  })

  it('what onProgress throws ends the call, and nothing else', async () => {
    const { contract } = setUp()
    const onProgress = () => {
      throw new RangeError('No room.')
    }
    await expect(contract.count({ to: 3 }, { onProgress })).rejects.toThrow('No room.')
    expect(await contract.double({ value: 1 })).toEqual({ value: 2 })
  })

  it.each(['UserError', 'UsageError', 'CancelledError', 'DisconnectedError'])('a %s keeps its type', async (name) => {
    const { contract } = setUp()
    const error = await contract.fail({ name }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(errors[name]!.constructor)
    expect(error).toMatchObject({ name, message: errors[name]!.message })
  })

  it.each(['RangeError', 'constructor', '__proto__', 'nothing'])('any other error is a plain one: %s', async (name) => {
    const { contract } = setUp()
    const error = await contract.fail({ name }).catch((thrown: unknown) => thrown)
    expect(Object.getPrototypeOf(error)).toBe(Error.prototype)
  })

  it('are cancelled by their signal, on both sides', async () => {
    const { contract, seen } = setUp()
    const controller = new AbortController()
    const waiting = contract.wait({}, { signal: controller.signal })
    await soon()
    controller.abort()
    await expect(waiting).rejects.toBeInstanceOf(CancelledError)
    await soon()
    expect(seen).toEqual({ aborted: 1, asked: ['wait'] })
  })

  it('are not even asked with a signal that is aborted already', async () => {
    const { contract, seen } = setUp()
    await expect(contract.wait({}, { signal: AbortSignal.abort() })).rejects.toBeInstanceOf(CancelledError)
    await soon()
    expect(seen.asked).toEqual([])
  })

  it.each(['fly', '__proto__', 'constructor', 'toString', ''])('there is no call %j', async (name) => {
    const ends = setUp()
    ends.asking.post({ type: 'call', id: 77, name, request: {} })
    expect(await answerTo(ends, 77)).toEqual({
      type: 'error',
      id: 77,
      name: 'UsageError',
      message: `There is no call ${JSON.stringify(name)}.`
    })
  })

  it('a wrong request is refused with a sentence', async () => {
    const { contract, seen } = setUp()
    const asked = contract.fail({ name: 7 } as never)
    await expect(asked).rejects.toThrow(UsageError)
    await expect(asked).rejects.toThrow(/^The call fail was asked wrongly: name: Invalid input: [^\n]*\.$/)
    expect(seen.asked).toEqual([])
  })

  it('a wrong result is an error with a sentence', async () => {
    const { contract } = setUp()
    await expect(contract.lie({})).rejects.toThrow(
      /^The call lie was answered wrongly: value: Invalid input: [^\n]*\.$/
    )
  })

  it('a request that cannot be carried rejects its call', async () => {
    const { contract } = setUp()
    await expect(contract.double({ value: (() => 1) as never })).rejects.toThrow(/clone/)
    expect(await contract.double({ value: 2 })).toEqual({ value: 4 })
  })

  it('a closed carrier rejects all that wait, and all that are asked after', async () => {
    const { contract, close, seen } = setUp()
    const waiting = [contract.wait({}), contract.wait({})]
    await soon()
    close('The cable is cut.')
    for (const call of waiting) {
      await expect(call).rejects.toBeInstanceOf(DisconnectedError)
      await expect(call).rejects.toThrow('The cable is cut.')
    }
    await expect(contract.double({ value: 1 })).rejects.toBeInstanceOf(DisconnectedError)
    await soon()
    expect(seen.aborted).toBe(2)
  })

  it.each<[string, unknown]>([
    ['null', null],
    ['a text', 'call'],
    ['an empty object', {}],
    ['an unknown type', { type: 'explode', id: 1 }],
    ['a call without a number', { type: 'call', name: 'double', request: { value: 1 } }],
    ['a broken number', { type: 'call', id: 0.5, name: 'double', request: { value: 1 } }],
    ['a name that is none', { type: 'call', id: 1, name: ['double'], request: { value: 1 } }],
    ['an answer to nothing', { type: 'result', id: 99, value: {} }],
    ['a cancelling of nothing', { type: 'cancel', id: 99 }]
  ])('garbage is passed over by both sides: %s', async (_what, garbage) => {
    const { contract, asking, answering, answers } = setUp()
    asking.post(garbage as RpcMessage)
    answering.post(garbage as RpcMessage)
    expect(await contract.double({ value: 3 })).toEqual({ value: 6 })
    expect(answers.filter((answer) => answer?.type === 'error')).toEqual([])
  })

  it('a number that is in use does not take over its call', async () => {
    const ends = setUp()
    ends.asking.post({ type: 'call', id: 5, name: 'wait', request: {} })
    ends.asking.post({ type: 'call', id: 5, name: 'double', request: { value: 1 } })
    ends.asking.post({ type: 'cancel', id: 5 })
    await soon()
    expect(ends.seen.aborted).toBe(1)
    expect(ends.answers).toEqual([])
  })
})

it('the other end of a MessageChannel closing closes this one', async () => {
  const { port1, port2 } = new MessageChannel()
  const contract = connect(calls, portTransport(port1))
  const waiting = contract.wait({})
  port2.close()
  await expect(waiting).rejects.toThrow(new DisconnectedError('The other side closed the connection.'))
})

it('a listener that comes after the end hears of it', () => {
  const [asking, , close] = memoryPair()
  close('Over.')
  const heard: string[] = []
  asking.onClose((reason) => heard.push(reason))
  expect(heard).toEqual(['Over.'])
})
