import { z } from 'zod'
import { UsageError } from '../../src-shared/errors.ts'

type Described = {
  type?: string
  enum?: unknown[]
  const?: unknown
  anyOf?: Described[]
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
}

const list = (words: string[], last: string) =>
  words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`

/** What a schema of a number or of fixed words allows, for instance `a whole number of at least 1`. */
export function describeSchema(schema: z.ZodType): string {
  return describe(z.toJSONSchema(schema, { io: 'input' }) as Described)
}

function describe(described: Described): string {
  const words = described.enum ?? described.anyOf?.map((choice) => choice.const)
  if (words) return `one of ${list(words.map(String), 'or')}`
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = described
  const bounds: string[] = []
  if (minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER) bounds.push(`of at least ${minimum}`)
  if (exclusiveMinimum !== undefined) bounds.push(`above ${exclusiveMinimum}`)
  if (maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER) bounds.push(`at most ${maximum}`)
  if (exclusiveMaximum !== undefined) bounds.push(`below ${exclusiveMaximum}`)
  return [described.type === 'integer' ? 'a whole number' : 'a number', list(bounds, 'and')].join(' ').trim()
}

/** Throws the sentence for a value that an option cannot take. */
export function refuseValue(flag: string, allowed: string, text: string): never {
  throw new UsageError(`${flag} must be ${allowed}, not ${JSON.stringify(text)}.`)
}

/** Digits as people write them; NaN for all else, the empty text and hexadecimal included. */
const toNumber = (text: string) => (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : NaN)

/** A reader of one number that `schema` checks; its bounds are written nowhere else. */
export function numberOption(flag: string, schema: z.ZodType<number>): (text: string) => number {
  return (text) => {
    const result = schema.safeParse(toNumber(text))
    return result.success ? result.data : refuseValue(flag, describeSchema(schema), text)
  }
}

/** A reader of one of the words of `schema`. */
export function wordOption<T extends string>(flag: string, schema: z.ZodType<T>): (text: string) => T {
  return (text) => {
    const result = schema.safeParse(text)
    return result.success ? result.data : refuseValue(flag, describeSchema(schema), text)
  }
}

/** A reader of items parted by commas, each checked by `schema`; at least one. */
export function listOption<T>(flag: string, schema: z.ZodType<T>): (text: string) => T[] {
  return (text) =>
    text.split(',').map((item) => {
      const word = schema.safeParse(item.trim())
      const result = word.success ? word : schema.safeParse(toNumber(item))
      return result.success ? result.data : refuseValue(flag, `${describeSchema(schema)} (several with commas)`, text)
    })
}

/** Adds one more value of an option that may be given several times. */
export const collect = (text: string, before: string[] = []): string[] => [...before, text]
