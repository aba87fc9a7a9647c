/** A stream of seeded random numbers; the same keys always give the same stream. */
export type Random = {
  /** Uniform in [0, 1), a multiple of 2^-32. */
  uniform(): number
  /** Uniform in 0 .. n - 1 without bias, n an integer in 1 .. 2^32; throws RangeError otherwise. */
  integer(n: number): number
  /** Standard normal, Marsaglia's polar method (Marsaglia and Bray 1964). */
  normal(): number
  /** Fisher-Yates shuffle in place; returns `items`. */
  shuffle<T extends unknown[] | Int32Array | Uint32Array>(items: T): T
}

/** 32-bit finaliser of MurmurHash3 (Appleby 2011): a bijection that mixes every bit. */
function mix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** One 32-bit word into a MurmurHash3 state. */
function absorb(h: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51)
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593)
  h ^= k
  return Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64
}

const lanes = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 0x3c6ef372] as const
const float64 = new Float64Array(1)
const words = new Uint32Array(float64.buffer)

/** Four words that depend on every key, its type and its place: lanes of MurmurHash3 with different starts. */
function hashKeys(keys: readonly (number | string)[]): Uint32Array {
  const input: number[] = [keys.length]
  for (const key of keys) {
    if (typeof key === 'number') {
      float64[0] = key === 0 ? 0 : key
      input.push(0x6e, words[0]!, words[1]!)
    } else {
      input.push(0x73, key.length)
      for (let i = 0; i < key.length; i++) input.push(key.charCodeAt(i))
    }
  }
  const state = new Uint32Array(4)
  lanes.forEach((lane, i) => {
    let h: number = lane
    for (const word of input) h = absorb(h, word)
    state[i] = mix(h ^ input.length)
  })
  return state
}

/** Seeded sfc32 (Doty-Humphrey, PractRand): 2^128 states, period at least 2^32, each step a bijection. */
function createBits(keys: readonly (number | string)[]): () => number {
  const state = hashKeys(keys)
  let a = state[0]! | 0
  let b = state[1]! | 0
  let c = state[2]! | 0
  let counter = state[3]! | 0
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
  for (let i = 0; i < 16; i++) next()
  return next
}

/** Independent stream for every different tuple of keys; (1, 'a'), ('1', 'a') and ('1a') differ. */
export function createRandom(...keys: (number | string)[]): Random {
  const bits = createBits(keys)
  const uniform = (): number => bits() * 2 ** -32
  const integer = (n: number): number => {
    if (!Number.isInteger(n) || n < 1 || n > 2 ** 32) throw new RangeError(`integer(n) needs 1 <= n <= 2^32, not ${n}.`)
    const limit = 2 ** 32 - (2 ** 32 % n)
    let word = bits()
    while (word >= limit) word = bits()
    return word % n
  }
  let spare = NaN
  const normal = (): number => {
    if (spare === spare) {
      const kept = spare
      spare = NaN
      return kept
    }
    let u = 0
    let v = 0
    let s = 0
    do {
      u = (bits() + 0.5) * 2 ** -31 - 1
      v = (bits() + 0.5) * 2 ** -31 - 1
      s = u * u + v * v
    } while (s >= 1)
    const scale = Math.sqrt((-2 * Math.log(s)) / s)
    spare = v * scale
    return u * scale
  }
  const shuffle = <T extends unknown[] | Int32Array | Uint32Array>(items: T): T => {
    const view: { [index: number]: unknown } = items
    for (let i = items.length - 1; i > 0; i--) {
      const j = integer(i + 1)
      const kept = view[i]
      view[i] = view[j]
      view[j] = kept
    }
    return items
  }
  return { uniform, integer, normal, shuffle }
}

/** `count` standard normal numbers of the stream named by `keys`; a shorter count gives a prefix of a longer one. */
export function normals(count: number, ...keys: (number | string)[]): Float32Array {
  const random = createRandom(...keys)
  const values = new Float32Array(count)
  for (let i = 0; i < count; i++) values[i] = random.normal()
  return values
}
