import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { jsonText } from '../../src-main/cli/json-text.ts'
import { describeSchema } from '../../src-main/cli/option-values.ts'
import { formatNumber, formatTable } from '../../src-main/cli/text-table.ts'

describe('jsonText', () => {
  it('equals JSON.stringify', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        expect([...jsonText(value)].join('')).toBe(`${JSON.stringify(value)}\n`)
      }),
      { seed: 1 }
    )
  })

  it('cuts long results into pieces, whatever their numbers', () => {
    const rows = Array.from({ length: 2000 }, (_, row) =>
      Float32Array.of(row, NaN, Infinity, ...Array<number>(20).fill(0.5))
    )
    const pieces = [...jsonText({ rows, left: undefined })]
    expect(pieces.length).toBeGreaterThan(2)
    const parsed = JSON.parse(pieces.join('')) as { rows: (number | null)[][] }
    expect(parsed.rows[7]?.slice(0, 4)).toEqual([7, null, null, 0.5])
    expect(Object.keys(parsed)).toEqual(['rows'])
  })
})

it('formatTable puts numbers right and texts left', () => {
  const rows = [
    ['a', 1, '1,000', '5.00 %'],
    ['bcd', NaN, '10', '-']
  ]
  expect(formatTable(['name', 'x', 'count', 'share'], rows)).toBe(
    ['name  x  count   share', 'a     1  1,000  5.00 %', 'bcd   -     10       -', ''].join('\n')
  )
})

it.each([
  [0, '0'],
  [0.123456, '0.1235'],
  [123456, '123500'],
  [1.5e-7, '1.50e-7'],
  [-2e9, '-2.00e+9'],
  [Infinity, '-']
])('formatNumber(%s)', (value, text) => expect(formatNumber(value)).toBe(text))

it.each([
  [z.number(), 'a number'],
  [z.number().int(), 'a whole number'],
  [z.number().positive().max(1), 'a number above 0 and at most 1'],
  [z.enum(['one']), 'one of one'],
  [z.union([z.literal(2), z.literal(3)]), 'one of 2 or 3']
])('describeSchema %#', (schema, words) => expect(describeSchema(schema)).toBe(words))
