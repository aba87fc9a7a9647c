const chunkLength = 65_536

/**
 * The value as JSON text, in pieces, for results longer than a string may be.
 *
 * NaN and infinite numbers become null; typed arrays become arrays; undefined fields are left out.
 */
export function* jsonText(value: unknown): Generator<string> {
  let pending = ''
  for (const piece of pieces(value)) {
    pending += piece
    if (pending.length < chunkLength) continue
    yield pending
    pending = ''
  }
  yield `${pending}\n`
}

function* pieces(value: unknown): Generator<string> {
  if (ArrayBuffer.isView(value)) return yield JSON.stringify(Array.from(value as Float32Array))
  if (typeof value !== 'object' || value === null) return yield JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item !== 'object')) return yield JSON.stringify(value)
    yield '['
    for (const [index, item] of value.entries()) {
      if (index > 0) yield ','
      yield* pieces(item)
    }
    return yield ']'
  }
  yield '{'
  let separator = ''
  for (const [key, field] of Object.entries(value)) {
    if (field === undefined) continue
    yield `${separator}${JSON.stringify(key)}:`
    yield* pieces(field)
    separator = ','
  }
  yield '}'
}
