/**
 * Values as JSON text and back, as a structured clone would give them: Playwright loses ArrayBuffers, NaN and undefined.
 * Self-contained, because its source also runs in the page.
 */
export function createCodec() {
  const views = [
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
    BigInt64Array,
    BigUint64Array,
    DataView
  ]
  const isNode = typeof Buffer !== 'undefined'
  const toText = (bytes) => (isNode ? Buffer.from(bytes).toString('base64') : bytes.toBase64())
  const toBytes = (text) => (isNode ? new Uint8Array(Buffer.from(text, 'base64')) : Uint8Array.fromBase64(text))

  function pack(value) {
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
    if (typeof value === 'number')
      return Number.isFinite(value) && !Object.is(value, -0) ? value : ['number', `${value}`]
    if (value === undefined) return ['undefined']
    if (typeof value === 'bigint') return ['bigint', `${value}`]
    if (typeof value !== 'object') throw new DOMException(`${String(value)} could not be cloned.`, 'DataCloneError')
    if (Array.isArray(value)) return ['array', Array.from(value, pack)]
    if (value instanceof Date) return ['date', value.getTime()]
    if (value instanceof Map) return ['map', [...value].map(([key, one]) => [pack(key), pack(one)])]
    if (value instanceof Set) return ['set', [...value].map(pack)]
    if (value instanceof Error) return ['error', value.name, value.message]
    if (value instanceof ArrayBuffer) return ['buffer', toText(new Uint8Array(value))]
    if (ArrayBuffer.isView(value)) {
      const kind = views.findIndex((view) => value instanceof view)
      return ['view', kind, toText(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))]
    }
    return ['object', Object.entries(value).map(([key, one]) => [key, pack(one)])]
  }

  function unpack(packed) {
    if (!Array.isArray(packed)) return packed
    const [kind, first, second] = packed
    if (kind === 'undefined') return undefined
    if (kind === 'number') return first === '0' ? -0 : Number(first)
    if (kind === 'bigint') return BigInt(first)
    if (kind === 'array') return first.map(unpack)
    if (kind === 'date') return new Date(first)
    if (kind === 'map') return new Map(first.map(([key, one]) => [unpack(key), unpack(one)]))
    if (kind === 'set') return new Set(first.map(unpack))
    if (kind === 'error') return Object.assign(new Error(second), { name: first })
    if (kind === 'buffer') return toBytes(first).buffer
    if (kind === 'view') return new views[first](toBytes(second).buffer)
    return Object.fromEntries(first.map(([key, one]) => [key, unpack(one)]))
  }

  return {
    encode: (value) => JSON.stringify(pack(value)),
    decode: (text) => unpack(JSON.parse(text))
  }
}
