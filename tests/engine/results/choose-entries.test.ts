import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chooseEntries } from '../../../src-main/engine/results/choose-entries.ts'
import type { ReportHead } from '../../../src-main/engine/results/report-head.ts'

type Entry = ReportHead['entries'][number]
const entry = (hash: string, method: string | null = null, hasOneExit = false): Entry => ({ hash, method, hasOneExit })

/** A head measured on a day of January with settings `{limit}`. */
function head(day: number, limit: number, entries: (string | Entry)[], changes: Partial<ReportHead> = {}): ReportHead {
  return {
    kind: 'flatness',
    key: JSON.stringify({ limit }),
    dataHash: 'data',
    createdAt: `2026-01-${String(day).padStart(2, '0')}T00:00:00.000Z`,
    seconds: 1,
    entries: entries.map((one) => (typeof one === 'string' ? entry(one) : one)),
    ...changes
  }
}
const keyOf = (limit: number) => JSON.stringify({ limit })
/** Per checkpoint the day of the report that answers. */
const days = (choice: ReturnType<typeof chooseEntries>) =>
  choice?.picks.map((pick) => (pick ? new Date(pick.head.createdAt).getUTCDate() : null))

describe('settings', () => {
  test('those asked for, even for fewer checkpoints', () => {
    const heads = [head(1, 100, ['a']), head(2, 200, ['a', 'b'])]
    const choice = chooseEntries(heads, ['a', 'b'], keyOf(100))
    expect([choice?.key, days(choice)]).toEqual([keyOf(100), [1, null]])
  })

  test('else those of most of the checkpoints, then the newest', () => {
    const heads = [head(1, 100, ['a']), head(1, 100, ['b']), head(5, 200, ['a']), head(9, 300, ['c', 'd', 'e'])]
    expect(chooseEntries(heads, ['a', 'b'], keyOf(7))?.key).toBe(keyOf(100))
    expect(chooseEntries(heads, ['a'], null)?.key).toBe(keyOf(200))
    expect(chooseEntries(heads, ['x'], keyOf(100))).toBeNull()
    expect(chooseEntries(heads, [null], null)).toBeNull()
    expect(chooseEntries([], ['a'], null)).toBeNull()
  })

  test('of data that has changed since, one state only', () => {
    const heads = [head(1, 100, ['a', 'b']), head(5, 100, ['a'], { dataHash: 'other' })]
    expect(days(chooseEntries(heads, ['a', 'b'], keyOf(100)))).toEqual([1, 1])
    expect(days(chooseEntries(heads, ['a'], keyOf(100)))).toEqual([5])
  })
})

test('entries of several reports are put together, each the newest, in the order asked for', () => {
  const heads = [head(1, 100, ['a', 'b']), head(3, 100, ['b']), head(2, 100, ['c', 'b'])]
  expect(days(chooseEntries(heads, ['c', 'b', 'a', 'x', 'b', null], null))).toEqual([2, 3, 1, null, 3, null])
})

describe('gradients', () => {
  const gradients = (day: number, entries: Entry[]) => head(day, 100, entries, { kind: 'gradients' })
  const deep = (hash: string) => entry(hash, 'deep-supervision')
  const distilled = (hash: string) => entry(hash, 'self-distillation')
  const single = (hash: string) => entry(hash, 'baseline', true)

  test('of different losses are not compared', () => {
    const heads = [gradients(1, [deep('a')]), gradients(2, [distilled('b')])]
    expect(days(chooseEntries(heads, ['a', 'b'], null))).toEqual([null, 2])
    expect(days(chooseEntries([...heads, gradients(1, [deep('b')])], ['a', 'b'], null))).toEqual([1, 1])
  })

  test('of a network with one exit fit all', () => {
    const heads = [gradients(1, [single('a')]), gradients(2, [distilled('b')]), gradients(3, [deep('c')])]
    expect(days(chooseEntries(heads, ['a', 'b'], null))).toEqual([1, 2])
    expect(days(chooseEntries(heads, ['a', 'c'], null))).toEqual([1, 3])
    // With several exits the baseline's loss is one of its own.
    const whole = [gradients(1, [entry('a', 'baseline')]), gradients(2, [distilled('b')])]
    expect(days(chooseEntries(whole, ['a', 'b'], null))).toEqual([null, 2])
  })

  test('all of one report are better than a newer mixture', () => {
    const heads = [gradients(1, [distilled('a'), distilled('b')]), gradients(2, [distilled('a')])]
    expect(days(chooseEntries(heads, ['a', 'b'], null))).toEqual([1, 1])
    expect(days(chooseEntries(heads, ['a'], null))).toEqual([2])
    expect(days(chooseEntries([...heads, gradients(3, [distilled('c')])], ['a', 'b', 'c'], null))).toEqual([2, 1, 3])
  })
})

describe('whatever is stored', () => {
  const hash = fc.constantFrom('a', 'b', 'c', 'd')
  const anEntry = fc.record({
    hash,
    method: fc.constantFrom('baseline', 'deep-supervision', 'self-distillation'),
    hasOneExit: fc.boolean()
  })
  const aHead = (kind: 'flatness' | 'gradients') =>
    fc
      .record({
        day: fc.integer({ min: 1, max: 5 }),
        limit: fc.integer({ min: 1, max: 3 }),
        dataHash: fc.constantFrom('x', 'y'),
        entries: fc.array(anEntry, { minLength: 1, maxLength: 4 })
      })
      .map(({ day, limit, dataHash, entries }) => head(day, limit, entries, { kind, dataHash }))
  const asked = fc.array(fc.oneof(hash, fc.constant(null)), { minLength: 1, maxLength: 5 })
  const wanted = fc.constantFrom(null, keyOf(1), keyOf(9))

  test.each(['flatness', 'gradients'] as const)('%s: what is chosen belongs together and answers', (kind) => {
    fc.assert(
      fc.property(fc.array(aHead(kind), { maxLength: 8 }), asked, wanted, (heads, hashes, wanted) => {
        const choice = chooseEntries(heads, hashes, wanted)
        const known = new Set<string | null>(hashes)
        const stored = heads.filter(({ entries }) => entries.some((one) => known.has(one.hash)))
        expect(choice === null).toBe(stored.length === 0)
        if (!choice) return
        const picks = choice.picks.filter((pick) => pick !== null)
        expect(choice.picks).toHaveLength(hashes.length)
        choice.picks.forEach((pick, at) => pick && expect(pick.head.entries[pick.index]!.hash).toBe(hashes[at]))
        expect(new Set(picks.map(({ head }) => `${head.key} ${head.dataHash}`)).size).toBe(1)
        if (stored.some(({ key }) => key === wanted)) expect(choice.key).toBe(wanted)
        if (kind === 'flatness') return
        const chosen = picks.map(({ head, index }) => head.entries[index]!)
        const losses = new Set(chosen.filter((one) => !one.hasOneExit).map(({ method }) => method))
        const isOneReport = new Set(picks.map(({ head }) => head)).size === 1
        expect(losses.size <= 1 || isOneReport).toBe(true)
      })
    )
  })

  test('no other settings would cover more, where none are asked for', () => {
    fc.assert(
      fc.property(fc.array(aHead('flatness'), { maxLength: 8 }), asked, (heads, hashes) => {
        const covered = chooseEntries(heads, hashes, null)?.picks.filter((pick) => pick !== null).length ?? 0
        for (const { key, dataHash } of heads) {
          const same = heads.filter((one) => one.key === key && one.dataHash === dataHash)
          const known = new Set(same.flatMap(({ entries }) => entries.map((one) => one.hash)))
          expect(hashes.filter((one) => one !== null && known.has(one)).length).toBeLessThanOrEqual(covered)
        }
      })
    )
  })
})
