import { describe, expect, test } from 'vitest'
import { sectionOf, updateDocument } from './harness/document.mjs'
import { readUmapRounds } from './harness/measure-umap.mjs'
import { lastJson, reasonOf } from './harness/run-side.mjs'
import { disagreement, median, pairOf, rowsOf } from './harness/statistics.mjs'
import { showMs, tableOf } from './harness/table.mjs'
import { works } from './harness/works.mjs'

const round = (ms: number, peakBytes = 5e8) => ({ ms: [2 * ms, ms, 0], peakBytes, firstMs: 3000 })
const work = {
  sides: [
    { name: 'ours', label: 'Autodidact' },
    { name: 'eager', label: 'PyTorch, eager' },
    { name: 'channels-last', label: 'PyTorch, channels-last' }
  ],
  wanted: [
    { of: ['eager', 'channels-last'], quantity: 'time', atMost: 1 },
    { of: ['eager', 'channels-last'], quantity: 'memory', atMost: 1 }
  ]
}
const rounds = new Map([
  ['ours', [round(100), round(120), round(110)]],
  ['eager', [round(200, 4e8), round(100, 4e8), round(220, 4e8)]],
  ['channels-last', [round(100), round(100), round(100)]]
])

describe('the numbers of a pair', () => {
  test('the median is the middle value, or the mean of the two in the middle', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 3, 2])).toBe(2.5)
  })

  test('the ratio is that of the medians, the spread that of the rounds', () => {
    expect(pairOf([100, 120, 110], [200, 100, 220])).toEqual({
      ours: 110,
      theirs: 200,
      ratio: 0.55,
      low: 0.5,
      high: 1.2
    })
  })

  test('sides that did other work are found', () => {
    expect(disagreement([1, 20], [1.001, 20.01], 2e-3)).toBe(-1)
    expect(disagreement([1, 20], [1.001, 20.1], 2e-3)).toBe(1)
    expect(disagreement([1, 20], [1], 2e-3)).toBe(1)
    expect(disagreement([1, 20], [1, NaN], 2e-3)).toBe(1)
  })
})

describe('the table', () => {
  test('what is wanted of several sides stands in the row of the best of them', () => {
    const rows = rowsOf(work, rounds)
    expect(rows.map(({ wantedTime }: { wantedTime: number | null }) => wantedTime)).toEqual([null, 1])
    expect(rows.map(({ wantedMemory }: { wantedMemory: number | null }) => wantedMemory)).toEqual([1, null])
  })

  test('a side that is missing has no row, and the best is looked for among the rest', () => {
    const rows = rowsOf(work, new Map([...rounds].filter(([name]) => name !== 'channels-last')))
    expect(rows).toHaveLength(1)
    expect(rows[0].wantedTime).toBe(1)
  })

  test('says medians, ratio, spread and whether what is wanted was reached', () => {
    const [head, line, eager, channelsLast] = tableOf(rowsOf(work, rounds)).split('\n')
    expect(eager).toContain('| 110 ms | 200 ms | 0.55 (0.50 to 1.20) |')
    expect(eager).toContain('| 500 MB, 400 MB       | 1.25  | <= 1: no |')
    expect(channelsLast).toContain('| <= 1: no |')
    expect(new Set([head, line, eager, channelsLast].map((row) => row!.length)).size).toBe(1)
  })

  test('leaves out memory where it is not known', () => {
    const bare = new Map([...rounds].map(([name, all]) => [name, all.map(({ ms }) => ({ ms }))]))
    expect(tableOf(rowsOf(work, bare))).not.toContain('MB')
  })

  test('shows times with three figures', () => {
    expect([1.234, 123.4, 12_340].map(showMs)).toEqual(['1.2 ms', '123 ms', '12.3 s'])
  })
})

describe('the document', () => {
  const section = (title: string) =>
    sectionOf({
      title,
      table: '| a |',
      machine: 'a machine',
      date: '2026-01-02',
      rounds: 3,
      software: [{ node: '20' }, { torch: '2', node: '20' }],
      others: [0.1, 0.5],
      missing: [{ label: 'TensorFlow', reason: 'not installed.' }]
    })

  test('says machine, date, versions once, other work, and who is missing', () => {
    expect(section('Steps')).toBe(
      'Steps.\n\n| a |\n\n2026-01-02, 3 rounds; a machine; node 20, torch 2. Other programs kept 0.3 cores busy on median, ' +
        '0.5 at most.\n\nLeft out: TensorFlow, not installed.'
    )
  })

  test('replaces the sections of what was run and keeps the others, in the order of the works', () => {
    const first = updateDocument('', [['b', section('Old')]], ['a', 'b'])
    const second = updateDocument(first, [['b', section('New')]], ['a', 'b'])
    const third = updateDocument(second, [['a', section('Other')]], ['a', 'b'])
    expect(third).toContain('New')
    expect(third).not.toContain('Old')
    expect(third.indexOf('## a')).toBeLessThan(third.indexOf('## b'))
    expect(updateDocument(third, [], ['a', 'b'])).toBe(third)
  })
})

describe('what programs print', () => {
  test('the result is the last line', () => {
    expect(lastJson('chatter\n{"ms":[1]}\n')).toEqual({ ms: [1] })
    expect(() => lastJson('chatter\n')).toThrow('chatter')
  })

  test('the reason of a failure is the last error', () => {
    expect(reasonOf('Traceback\ntorch.cuda.OutOfMemoryError: too large\n\nNode.js v20\n', 1)).toBe(
      'torch.cuda.OutOfMemoryError: too large'
    )
    expect(reasonOf('', 'SIGKILL')).toBe('it ended with SIGKILL')
  })

  test('rounds of maps are read', () => {
    const output = '10 x 2, native\nround 1: ours 1.5 s (neighbours 0.4 s), umap-js 10.0 s, ratio 0.150; and so on\n'
    expect(readUmapRounds(output)).toEqual([{ ours: 1.5, theirs: 10 }])
    expect(() => readUmapRounds('nothing')).toThrow('no rounds')
  })
})

test('every work begins with our side, and what is wanted is wanted of its sides', () => {
  for (const [name, { sides, wanted }] of Object.entries(works) as [string, typeof work][]) {
    const names = sides.map((side) => side.name)
    expect(names[0], name).toBe('ours')
    expect(new Set(names).size, name).toBe(names.length)
    for (const { of } of wanted) expect(names, name).toEqual(expect.arrayContaining(of))
  }
})
