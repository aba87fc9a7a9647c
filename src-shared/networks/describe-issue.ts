import type { z } from 'zod'
import type { SpecProblem } from './check-spec.ts'
import { blockSchema } from './network-spec.ts'

/** What a schema finds wrong in a network's description, for the person who wrote it; `value` is the whole description. */
export function describeIssue(issue: z.core.$ZodIssue, value: unknown): SpecProblem {
  const path = issue.path.filter((part): part is string | number => typeof part !== 'symbol')
  const found = valueAt(value, path)
  const parent = path.slice(0, -1)
  const isBlock = issue.code === 'invalid_union' && path.at(-1) === 'block'
  if (isBlock && found !== undefined)
    return { path: parent, message: `there is no block ${show(found)}; take ${listed(blockNames)}` }
  if (isBlock) return { path: parent, message: `"block" is missing; take ${listed(blockNames)}` }
  if (found === undefined && path.length) return { path: parent, message: `"${path.at(-1)}" is missing` }
  const [key] = issue.code === 'unrecognized_keys' ? issue.keys : []
  return { path, message: messageOf(issue, found), ...(key === undefined ? {} : { key }) }
}

const blockNames = blockSchema.options.flatMap(({ shape }) => [...shape.block.values])

function messageOf(issue: z.core.$ZodIssue, found: unknown): string {
  switch (issue.code) {
    case 'unrecognized_keys':
      return `"${issue.keys[0]}" is not known here`
    case 'invalid_type':
      return `this must be ${kinds[issue.expected] ?? issue.expected}, not ${show(found)}`
    case 'invalid_value':
      return `there is no ${show(found)} here; take ${listed(issue.values.map(String))}`
    case 'too_small':
      return issue.origin === 'array'
        ? 'this list must hold something'
        : `${sizes[issue.origin] ?? 'this must be'} ${issue.minimum} at least`
    case 'too_big':
      return `${sizes[issue.origin] ?? 'this must be'} ${issue.maximum} at most`
    default:
      return issue.message.charAt(0).toLowerCase() + issue.message.slice(1)
  }
}

const kinds: Readonly<Record<string, string>> = {
  object: 'an object in braces',
  array: 'a list in brackets',
  string: 'a text in quotes',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false'
}

const sizes: Readonly<Record<string, string>> = {
  array: 'the length of this list must be',
  string: 'the length of this text must be'
}

/** As in the file, cut where it is long. */
function show(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  if (typeof value === 'number') return String(value)
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}

const listed = (words: readonly string[]): string => `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (at, part) => (typeof at === 'object' && at !== null ? (at as Record<string | number, unknown>)[part] : undefined),
    value
  )
}
