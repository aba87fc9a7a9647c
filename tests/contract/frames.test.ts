import { deepStrictEqual } from 'node:assert/strict'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeFrame, encodeFrame, FrameError } from '../../src-shared/frames.ts'

const arrays = fc.oneof(
  fc.int8Array(),
  fc.uint8Array(),
  fc.uint8ClampedArray(),
  fc.int16Array(),
  fc.uint16Array(),
  fc.int32Array(),
  fc.uint32Array(),
  fc.float32Array(),
  fc.float64Array(),
  fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })).map((values) => BigInt64Array.from(values)),
  fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })).map((values) => BigUint64Array.from(values))
)
const { value: messages } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(fc.constantFrom(null, true, false), fc.string({ unit: 'binary' }), fc.integer(), arrays),
    fc.array(tie('value')),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'arrays', '0')), tie('value'), {
      noNullPrototype: true
    })
  )
}))

const header = (value: unknown, rest: Uint8Array = new Uint8Array()): Uint8Array => {
  const text = new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value))
  const frame = new Uint8Array(4 + text.length + rest.length)
  new DataView(frame.buffer).setUint32(0, text.length, true)
  frame.set(text, 4)
  frame.set(rest, 4 + text.length)
  return frame
}

/** The frame at an odd address, as a socket may give it. */
const shifted = (frame: Uint8Array): Uint8Array => {
  const memory = new Uint8Array(frame.length + 1)
  memory.set(frame, 1)
  return memory.subarray(1)
}

describe('a message comes back from its frame', () => {
  it('whatever it holds, at any address', () => {
    fc.assert(
      fc.property(messages, (message) => {
        const frame = encodeFrame(message)
        // Not by expect, to which an object with a field `constructor` never equals another.
        deepStrictEqual(decodeFrame(frame), message)
        deepStrictEqual(decodeFrame(shifted(frame)), message)
      }),
      { numRuns: 500 }
    )
  })

  it('typed arrays own their memory and are read from multiples of 8', () => {
    const message = { type: 'result', value: [new Uint8Array([1]), new Float64Array([0.5, NaN, -Infinity])] }
    const frame = encodeFrame(message)
    const decoded = decodeFrame(frame) as typeof message
    frame.fill(0)
    expect(decoded).toStrictEqual(message)
    const headerEnd = 4 + new DataView(encodeFrame(message).buffer).getUint32(0, true)
    expect(encodeFrame(message).length).toBe(Math.ceil(headerEnd / 8) * 8 + 8 + 24)
  })

  it("a view of a part sends that part, and Node's Buffer arrives as Uint8Array", () => {
    const whole = new Uint16Array([1, 2, 3, 4])
    const message = { part: whole.subarray(1, 3), buffer: Buffer.from([7, 8]) }
    const decoded = decodeFrame(encodeFrame(message)) as { part: Uint16Array; buffer: Uint8Array }
    expect([...decoded.part]).toEqual([2, 3])
    expect(decoded.buffer).toStrictEqual(new Uint8Array([7, 8]))
  })

  it('numbers that are not finite become null, undefined fields are left out', () => {
    expect(decodeFrame(encodeFrame({ a: NaN, b: Infinity, c: undefined, d: [undefined] }))).toStrictEqual({
      a: null,
      b: null,
      d: [null]
    })
  })

  it('a key __proto__ stays a field and changes no prototype', () => {
    const message = JSON.parse('{"__proto__": {"x": null}}') as Record<string, unknown>
    const own = Object.getOwnPropertyDescriptor(message, '__proto__')!.value as { x: unknown }
    own.x = new Uint8Array([3])
    const decoded = decodeFrame(encodeFrame(message)) as Record<string, unknown>
    expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype)
    expect(Object.getOwnPropertyDescriptor(decoded, '__proto__')!.value).toStrictEqual({ x: new Uint8Array([3]) })
    expect(({} as { x?: unknown }).x).toBeUndefined()
  })
})

describe('what no frame can hold is refused', () => {
  const nest = (levels: number): unknown => (levels === 0 ? 1 : [nest(levels - 1)])
  const cycle: unknown[] = []
  cycle.push(cycle)

  it.each([
    ['a cycle', cycle, 'it has more than 64 levels'],
    ['too many levels', nest(66), 'it has more than 64 levels'],
    ['a BigInt', { id: 1n }, 'BigInt'],
    ['a DataView', { view: new DataView(new ArrayBuffer(8)) }, 'it holds a DataView']
  ])('%s', (_name, message, sentence) => {
    expect(() => encodeFrame(message)).toThrow(FrameError)
    expect(() => encodeFrame(message)).toThrow(sentence)
  })

  it('as many levels as are allowed arrive', () => {
    expect(decodeFrame(encodeFrame(nest(64)))).toStrictEqual(nest(64))
  })
})

describe('bytes that are no frame are refused', () => {
  const array = (entry: unknown, rest?: Uint8Array) => header({ message: { a: null }, arrays: [entry] }, rest)
  const path = ['message', 'a']

  it.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(), 'they are too short'],
    ['three bytes', new Uint8Array(3), 'they are too short'],
    ['a header that is not there', new Uint8Array([255, 255, 255, 255, 1]), 'the header would have 4294967295 bytes'],
    ['no JSON', header('{'), 'the header is not JSON'],
    ['no UTF-8', new Uint8Array([3, 0, 0, 0, 0x22, 0xff, 0x22]), 'the header is not JSON'],
    ['a number', header('1'), 'the header lacks its message or its arrays'],
    ['no message', header({ arrays: [] }), 'the header lacks its message or its arrays'],
    ['no arrays', header({ message: 1 }), 'the header lacks its message or its arrays'],
    ['an unknown kind', array([path, 'Float16Array', 0]), 'an array is described wrongly'],
    ['an inherited kind', array([path, 'constructor', 0]), 'an array is described wrongly'],
    ['a negative length', array([path, 'Int8Array', -1]), 'an array is described wrongly'],
    ['a broken length', array([path, 'Int8Array', 0.5]), 'an array is described wrongly'],
    ['a huge length', array([path, 'Float64Array', 2 ** 53 - 1]), 'elements of Float64Array do not fit'],
    ['a length of too much', array([path, 'Float64Array', 2]), '2 elements of Float64Array do not fit'],
    ['a place outside of the message', array([['arrays', 0], 'Int8Array', 0]), 'an array is described wrongly'],
    ['an empty place', array([[], 'Int8Array', 0]), 'an array is described wrongly'],
    ['a place that is taken', array([['message'], 'Int8Array', 0], new Uint8Array(8)), 'an array has no place'],
    [
      'an inherited place',
      array([['message', 'toString'], 'Int8Array', 0], new Uint8Array(8)),
      'an array has no place'
    ],
    ['a place in nothing', array([['message', 'a', 'b'], 'Int8Array', 0], new Uint8Array(8)), 'an array has no place'],
    ['bytes left over', header({ message: 1, arrays: [] }, new Uint8Array(1)), 'bytes are left over'],
    ['a deep header', header('['.repeat(1e6)), 'the header has more than 64 levels'],
    [
      'a header of too many values',
      header(`[${'[],'.repeat(5_000_001)}1]`),
      'the header holds more than 10000000 values'
    ]
  ])('%s', (_name, frame, sentence) => {
    expect(() => decodeFrame(frame)).toThrow(FrameError)
    expect(() => decodeFrame(frame)).toThrow(sentence)
  })

  it('brackets inside of strings are no levels', () => {
    const message = { text: `${'['.repeat(1000)}"\\${'{'.repeat(1000)}` }
    expect(decodeFrame(encodeFrame(message))).toStrictEqual(message)
  })

  const readOrRefuse = (frame: Uint8Array) => {
    try {
      decodeFrame(frame)
    } catch (error) {
      expect(error).toBeInstanceOf(FrameError)
    }
  }

  it('any bytes are read or refused', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), readOrRefuse), { numRuns: 2000 })
    fc.assert(
      fc.property(fc.json(), fc.uint8Array(), (text, rest) => readOrRefuse(header(text, rest))),
      { numRuns: 1000 }
    )
  })

  it('a frame with some bytes changed, or cut off, is read or refused', () => {
    fc.assert(
      fc.property(
        messages,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
        fc.nat(),
        (message, edits, cut) => {
          const frame = encodeFrame(message)
          for (const [at, byte] of edits) frame[at % frame.length] = byte
          readOrRefuse(frame)
          readOrRefuse(frame.subarray(0, cut % frame.length))
        }
      ),
      { numRuns: 1000 }
    )
  })
})
