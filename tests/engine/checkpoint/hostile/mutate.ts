import { createRandom, type Random } from '../../../../src-shared/science/random.ts'

/** The chance of one case: the same case is the same file again. */
export const chanceOf = (seed: number, index: number): Random => createRandom('fuzz', seed, index)

/** Numbers at the edges of what sizes and offsets can be. */
const edges = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff]

type Mutation = (bytes: Uint8Array, chance: Random, other: Uint8Array) => Uint8Array

const flip: Mutation = (bytes, chance) => {
  const out = bytes.slice()
  for (let times = 1 + chance.integer(8); times > 0; times--)
    out[chance.integer(Math.max(1, out.length))]! ^= 1 << chance.integer(8)
  return out
}
const cut: Mutation = (bytes, chance) => bytes.slice(0, chance.integer(Math.max(1, bytes.length)))
const remove: Mutation = (bytes, chance) => {
  const from = chance.integer(Math.max(1, bytes.length))
  const to = Math.min(bytes.length, from + 1 + chance.integer(64))
  return joined(bytes.subarray(0, from), bytes.subarray(to))
}
const repeat: Mutation = (bytes, chance) => {
  const from = chance.integer(Math.max(1, bytes.length))
  const piece = bytes.subarray(from, from + 1 + chance.integer(64))
  return joined(
    bytes.subarray(0, from),
    ...Array.from({ length: 1 + chance.integer(20) }, () => piece),
    bytes.subarray(from)
  )
}
const splice: Mutation = (bytes, chance, other) =>
  joined(
    bytes.subarray(0, chance.integer(Math.max(1, bytes.length))),
    other.subarray(chance.integer(Math.max(1, other.length)))
  )
const overwrite: Mutation = (bytes, chance) => {
  const out = bytes.slice()
  const width = [1, 2, 4, 8][chance.integer(4)]!
  const value = edges[chance.integer(edges.length)]!
  const at = chance.integer(Math.max(1, out.length - width))
  for (let byte = 0; byte < width && at + byte < out.length; byte++)
    out[at + byte] = byte < 4 ? (value >>> (8 * byte)) & 255 : value === 0xffffffff ? 255 : 0
  return out
}

/** By name, so that a case can be told. */
const mutations: Record<string, Mutation> = { flip, cut, remove, repeat, splice, overwrite }
const names = Object.keys(mutations)

/** A file after one to three mutations, and which these were. */
export function mutate(bytes: Uint8Array, chance: Random, other: Uint8Array): { bytes: Uint8Array; how: string } {
  const how: string[] = []
  let out = bytes
  for (let times = 1 + chance.integer(3); times > 0 && out.length > 0; times--) {
    const name = names[chance.integer(names.length)]!
    out = mutations[name]!(out, chance, other)
    how.push(name)
  }
  return { bytes: out, how: how.join('+') }
}

function joined(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}

/** One of a list. */
export const choose = <T>(list: readonly T[], chance: Random): T => list[chance.integer(list.length)]!
