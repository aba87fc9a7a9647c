import { findNodeAtLocation, parseTree, printParseErrorCode, type ParseError } from 'jsonc-parser'
import { UserError } from '../errors.ts'
import { specProblem, type SpecProblem } from './check-spec.ts'
import { describeIssue } from './describe-issue.ts'
import { networkSpecSchema, type NetworkSpec } from './network-spec.ts'

/** Longer than any description of a network. */
const mostCharacters = 1_000_000

/** Deeper than any description of a network: its blocks lie five levels down. */
const mostLevels = 20

/**
 * A network from the text of a JSON file, in which // and /* comments are allowed. Throws UserError with one sentence that
 * names the file, the line and what is wrong there.
 */
export function readNetworkFile(text: string, name: string): NetworkSpec {
  if (text.length > mostCharacters) throw new UserError(`${name} is too long for the description of a network.`)
  // Windows' editors put a mark before the text.
  const json = text.replace(/^\uFEFF/, '')
  const fail = (offset: number, message: string): never => {
    throw new UserError(`${name}, line ${json.slice(0, offset).split('\n').length}: ${message}.`)
  }
  const tooDeep = offsetOfLevel(json, mostLevels)
  if (tooDeep !== null) fail(tooDeep, 'this is nested too deeply for the description of a network')
  const errors: ParseError[] = []
  const tree = parseTree(json, errors, { disallowComments: false, allowTrailingComma: false })
  const [first] = errors
  if (first || !tree) {
    const what = first && json.trim() ? plainWords(printParseErrorCode(first.error)) : 'there is nothing'
    return fail(first?.offset ?? 0, `this is not JSON, ${what}`)
  }
  const twice = repeatedKey(tree)
  if (twice) return fail(twice.offset, `"${twice.value}" comes twice`)
  const value = toPlain(tree)
  const result = networkSpecSchema.safeParse(value)
  const problem: SpecProblem | null = result.success
    ? specProblem(result.data)
    : describeIssue(mostTelling(result.error.issues), value)
  if (result.success && !problem) return result.data
  const { path, message, key } = problem!
  return fail(offsetOf(tree, key === undefined ? path : [...path, key]), `${where(path)}${message}`)
}

/** Where as many brackets and braces are open at once, strings and comments aside; null where it never comes to that. */
function offsetOfLevel(json: string, most: number): number | null {
  let level = 0
  const tokens = /"(?:[^"\\\n]|\\.)*"?|\/\/[^\n]*|\/\*(?:[\s\S]*?\*\/|[\s\S]*)|[[{\]}]/g
  for (const { 0: token, index } of json.matchAll(tokens)) {
    if (token === '[' || token === '{') level += 1
    if (token === ']' || token === '}') level -= 1
    if (level > most) return index
  }
  return null
}

/** What to say first: a misspelt key is also a missing one. */
const mostTelling = <T extends { code?: string }>(issues: readonly T[]): T =>
  issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]!

/** The second of two equal keys of an object; null where there is none. */
function repeatedKey(node: Node): { value: string; offset: number } | null {
  const seen = new Set<string>()
  for (const child of node.children ?? []) {
    const key = child.type === 'property' ? String(child.children![0]!.value) : null
    if (key !== null && seen.has(key)) return { value: key, offset: child.offset }
    if (key !== null) seen.add(key)
    const inside = repeatedKey(child)
    if (inside) return inside
  }
  return null
}

/** Where something begins; of what is missing, what should hold it. */
function offsetOf(tree: Node, path: readonly (string | number)[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = findNodeAtLocation(tree, path.slice(0, length))
    // A property begins with its name.
    if (node) return node.parent?.type === 'property' ? node.parent.offset : node.offset
  }
  return tree.offset
}

type Node = NonNullable<ReturnType<typeof parseTree>>

/** A tree's value; every object without a prototype, so that no key of a file reaches one. */
function toPlain(node: Node): unknown {
  if (node.type === 'array') return (node.children ?? []).map(toPlain)
  if (node.type !== 'object') return node.value as unknown
  const value = Object.create(null) as Record<string, unknown>
  for (const { children: [key, child] = [] } of node.children ?? [])
    if (key && child) value[String(key.value)] = toPlain(child)
  return value
}

/** `stage 2, block 1, channels: `, counted from 1; empty for the whole file. */
function where(path: readonly (string | number)[]): string {
  const words = path.map((part, index) => {
    if (typeof part === 'string') return part === 'stages' || part === 'exits' ? '' : part
    if (index === 1 && path[0] === 'stages') return `stage ${part + 1}`
    return index === 1 && path[0] === 'exits' ? `exit entry ${part + 1}` : `block ${part + 1}`
  })
  const text = words.filter(Boolean).join(', ')
  return text ? `${text}: ` : ''
}

/** `CommaExpected` -> `comma expected`. */
const plainWords = (code: string): string =>
  code
    .replace(/([A-Z])/g, ' $1')
    .trim()
    .toLowerCase()
