/** What a safetensors header may hold: strings, whole numbers, lists and objects (as Maps, keys unique). */
export type HeaderValue = string | number | HeaderValue[] | Map<string, HeaderValue>

const space = new Set([0x20, 0x09, 0x0a, 0x0d])
const deepest = 4
/** More tensors, or more numbers in a list, than any network has. */
const mostNames = 100_000
const longestList = 64

/**
 * Parses the JSON of a safetensors header, more strictly than JSON.parse: duplicate keys, fractions, exponents, signs,
 * literals and nesting beyond four levels are refused. Throws SyntaxError with the end of a sentence for the user.
 */
export function parseHeaderJson(text: string): HeaderValue {
  let at = 0

  const skipSpace = () => {
    while (space.has(text.charCodeAt(at))) at++
  }
  const fail = (): never => {
    throw new SyntaxError(at >= text.length ? 'it ends too early' : `unexpected text at character ${at}`)
  }
  const expect = (character: string) => {
    skipSpace()
    if (text[at] !== character) fail()
    at++
  }
  /** Takes the character if it is next. */
  const take = (character: string): boolean => {
    skipSpace()
    if (text[at] !== character) return false
    at++
    return true
  }

  function parseString(): string {
    skipSpace()
    const start = at
    if (text[at] !== '"') fail()
    at++
    let isPlain = true
    while (text[at] !== '"') {
      if (at >= text.length) fail()
      const code = text.charCodeAt(at)
      if (code < 0x20 || code === 0x5c) isPlain = false
      at += code === 0x5c ? 2 : 1
    }
    at++
    // Nearly all are, and there are thousands.
    if (isPlain) return text.slice(start + 1, at - 1)
    try {
      return JSON.parse(text.slice(start, at)) as string
    } catch {
      at = start
      return fail()
    }
  }

  function parseNumber(): number {
    const start = at
    while (text.charCodeAt(at) >= 0x30 && text.charCodeAt(at) <= 0x39) at++
    const digits = text.slice(start, at)
    const number = Number(digits)
    const leadingZero = digits.length > 1 && digits.startsWith('0')
    if (!digits || leadingZero || !Number.isSafeInteger(number)) {
      at = start
      fail()
    }
    return number
  }

  function parseList(depth: number): HeaderValue[] {
    const values: HeaderValue[] = []
    if (take(']')) return values
    do {
      if (values.length >= longestList) throw new SyntaxError(`it has a list of more than ${longestList} numbers`)
      values.push(parseValue(depth))
    } while (take(','))
    expect(']')
    return values
  }

  function parseObject(depth: number): Map<string, HeaderValue> {
    const values = new Map<string, HeaderValue>()
    if (take('}')) return values
    do {
      const key = parseString()
      if (values.has(key)) throw new SyntaxError(`it names ${quote(key)} twice`)
      if (values.size >= mostNames) throw new SyntaxError(`it names more than ${mostNames} tensors`)
      expect(':')
      values.set(key, parseValue(depth))
    } while (take(','))
    expect('}')
    return values
  }

  function parseValue(depth: number): HeaderValue {
    if (depth > deepest) throw new SyntaxError('it is nested too deeply')
    if (take('{')) return parseObject(depth + 1)
    if (take('[')) return parseList(depth + 1)
    return text[at] === '"' ? parseString() : parseNumber()
  }

  const value = parseValue(1)
  skipSpace()
  if (at < text.length) fail()
  return value
}

/** A name from a file as it may be shown: in quotes, escaped, at most 80 characters. */
export function quote(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 79)}…` : name)
}
