import type { z } from 'zod'
import { findNodeAtLocation, parseTree, printParseErrorCode, type ParseError } from 'jsonc-parser'
import { UserError } from '../errors.ts'
import { specProblem } from './check-spec.ts'
import { networkSpecSchema, type NetworkSpec } from './network-spec.ts'

/** Longer than any description of a network. */
const mostCharacters = 1_000_000

/**
 * A network from the text of a JSON file. Throws UserError with one sentence that names the file, the line and what is
 * wrong there.
 */
export function readNetworkFile(text: string, name: string): NetworkSpec {
  if (text.length > mostCharacters) throw new UserError(`${name} is too long for the description of a network.`)
  const lineOf = (offset: number): number => text.slice(0, offset).split('\n').length
  const errors: ParseError[] = []
  const tree = parseTree(text, errors, { disallowComments: false, allowTrailingComma: false })
  const [first] = errors
  if (first || !tree) {
    const what = first ? plainWords(printParseErrorCode(first.error)) : 'there is nothing'
    throw new UserError(`${name}, line ${lineOf(first?.offset ?? 0)}: this is not JSON, ${what}.`)
  }
  const result = networkSpecSchema.safeParse(toPlain(tree))
  const problem = result.success ? specProblem(result.data) : describeIssue(result.error.issues[0]!)
  if (result.success && !problem) return result.data
  const { path, message } = problem!
  throw new UserError(`${name}, line ${lineOf(offsetOf(tree, path))}: ${where(path)}${message}.`)
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

type Issue = z.core.$ZodIssue

function describeIssue(issue: Issue): { path: (string | number)[]; message: string } {
  const path = issue.path.filter((part): part is string | number => typeof part !== 'symbol')
  if (issue.code === 'unrecognized_keys')
    return { path: [...path, issue.keys[0]!], message: `"${issue.keys[0]}" is not known here` }
  return { path, message: lowerFirst(issue.message) }
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

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)

/** `CommaExpected` -> `comma expected`. */
const plainWords = (code: string): string =>
  code
    .replace(/([A-Z])/g, ' $1')
    .trim()
    .toLowerCase()
