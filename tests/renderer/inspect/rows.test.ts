import { describe, expect, it } from 'vitest'
import type { TensorDifferenceRow, TensorStatisticsRow } from '../../../src-shared/contract.ts'
import { diffGroups, diffToCsv, sortDiff } from '../../../src-renderer/inspect/diff-rows.ts'
import { changeAxis, placeGroups } from '../../../src-renderer/inspect/difference-layout.ts'
import { histogramPath } from '../../../src-renderer/inspect/histogram-path.ts'
import { scrollTo, windowOf } from '../../../src-renderer/inspect/row-window.ts'
import {
  filterRows,
  histogramToCsv,
  joinRows,
  nextOrder,
  sortRows,
  tensorsToCsv,
  type TensorColumn
} from '../../../src-renderer/inspect/tensor-rows.ts'
import { differenceRow, statisticsRow } from './rows.ts'

const tensors = [
  { name: 'layer10.weight', shape: [4, 3], dtype: 'F32', part: 'backbone' as const, stage: 2, role: 'linear' as const },
  { name: 'layer2.weight', shape: [4, 2], dtype: 'F32', part: 'backbone' as const, stage: 1, role: 'linear' as const },
  { name: 'steps', shape: [], dtype: 'I64', part: 'backbone' as const, stage: 1, role: 'counter' as const },
  { name: 'head.bias', shape: [9], dtype: 'F32', part: 'head' as const, stage: 1, role: 'bias' as const }
]
const measured: TensorStatisticsRow[] = [
  statisticsRow({ name: 'layer10.weight', norm: 3, zeroFraction: 0 }),
  statisticsRow({ name: 'layer2.weight', norm: NaN, zeroFraction: 0.5 }),
  statisticsRow({ name: 'steps', norm: 7, zeroFraction: 0.25 })
]
const rows = joinRows(tensors, measured)
const namesOf = (list: readonly { name: string }[]) => list.map(({ name }) => name)
const byColumn = (column: TensorColumn, isDescending = false) => namesOf(sortRows(rows, { column, isDescending }))

describe('the list of tensors', () => {
  it('goes along the network, counters behind the rest of their stage, heads last', () =>
    expect(namesOf(rows)).toEqual(['layer2.weight', 'steps', 'layer10.weight', 'head.bias']))

  it('is sorted by any column, what is not known last either way', () => {
    expect(byColumn('name')).toEqual(['head.bias', 'layer2.weight', 'layer10.weight', 'steps'])
    expect(byColumn('shape')).toEqual(['steps', 'head.bias', 'layer2.weight', 'layer10.weight'])
    expect(byColumn('count', true)).toEqual(['layer10.weight', 'head.bias', 'layer2.weight', 'steps'])
    expect(byColumn('norm')).toEqual(['layer10.weight', 'steps', 'layer2.weight', 'head.bias'])
    expect(byColumn('norm', true)).toEqual(['steps', 'layer10.weight', 'layer2.weight', 'head.bias'])
    expect(byColumn('zeros', true)).toEqual(['layer2.weight', 'steps', 'layer10.weight', 'head.bias'])
  })

  it('is searched by every word, and shows a part alone', () => {
    expect(namesOf(filterRows(rows, 'WEIGHT layer', null))).toEqual(['layer2.weight', 'layer10.weight'])
    expect(namesOf(filterRows(rows, '', { part: 'head', stage: 1 }))).toEqual(['head.bias'])
    expect(filterRows(rows, 'nothing', null)).toEqual([])
  })

  it('a click sorts, a second one turns it round, a third gives the order back', () => {
    const once = nextOrder<TensorColumn>(null, 'norm', true)
    expect(once).toEqual({ column: 'norm', isDescending: true })
    const twice = nextOrder(once, 'norm', true)
    expect(twice).toEqual({ column: 'norm', isDescending: false })
    expect(nextOrder(twice, 'norm', true)).toBeNull()
    expect(nextOrder<TensorColumn>(twice, 'name', false)).toEqual({ column: 'name', isDescending: false })
  })

  it('is written as CSV, a name that is a formula as text', () => {
    const csv = tensorsToCsv([...rows.slice(0, 1), { ...rows[3]!, name: '=1+2' }]).split('\r\n')
    expect(csv[0]).toMatch(/^name,shape,type,role,part,stage,count,mean,/)
    expect(csv[1]).toBe('layer2.weight,4x2,F32,linear,backbone,1,8,0,1,-1,1,,0.5,0.5,0')
    expect(csv[2]).toBe(`"'=1+2",9,F32,bias,head,1,9,,,,,,,,`)
  })

  it('has its histogram as CSV, and as a path that shows what is there at all', () => {
    const histogram = { low: 0, high: 4, counts: Uint32Array.of(1, 0, 1000, 2) }
    expect(histogramToCsv(histogram)).toBe('low,high,count\r\n0,1,1\r\n1,2,0\r\n2,3,1000\r\n3,4,2\r\n')
    expect(histogramPath(histogram.counts, 40, 18)).toBe('M0,18v-1h10V18zM20,18v-18h10V18zM30,18v-1h10V18z')
    expect(histogramPath(new Uint32Array(4), 40, 18)).toBe('')
  })
})

describe('the window onto a long list', () => {
  it('draws what is in sight and some more, and fills the rest', () => {
    const { first, end, before, behind } = windowOf(100_000, 28, 28_000, 280)
    expect(first).toBeLessThan(1000)
    expect(end).toBeGreaterThan(1010)
    expect(end - first).toBeLessThan(50)
    expect(before + behind + (end - first) * 28).toBe(100_000 * 28)
  })

  it('holds at both ends, and for lists that are short or empty', () => {
    expect(windowOf(5, 28, 0, 280)).toEqual({ first: 0, end: 5, before: 0, behind: 0 })
    expect(windowOf(0, 28, 500, 280)).toEqual({ first: 0, end: 0, before: 0, behind: 0 })
    // Scrolled far down, then searched: fewer rows than were scrolled away.
    expect(windowOf(100, 28, 1e6, 280).end).toBe(100)
  })

  it('scrolls no further than it must', () => {
    expect(scrollTo(3, 28, 0, 280)).toBe(0)
    expect(scrollTo(3, 28, 200, 280)).toBe(84)
    expect(scrollTo(20, 28, 0, 280)).toBe(21 * 28 - 280)
  })
})

describe('the differences', () => {
  const list: TensorDifferenceRow[] = [
    differenceRow({ name: 'fc.weight', part: 'head', stage: 1, role: 'linear', relative: Infinity }),
    differenceRow({ name: 'b', part: 'backbone', stage: 1, role: 'convolution', relative: 0.5 }),
    differenceRow({ name: 'a', part: 'backbone', stage: 0, role: 'convolution', relative: 0.1 }),
    differenceRow({ name: 'a.bias', part: 'backbone', stage: 0, role: 'bias', relative: 9 }),
    differenceRow({
      name: 'c',
      state: 'onlyInB',
      a: null,
      relative: NaN,
      part: 'backbone',
      stage: 1,
      role: 'convolution'
    })
  ]

  it('are sorted, infinite ones first, what was not compared last', () => {
    expect(namesOf(sortDiff(list, null))).toEqual(['a', 'a.bias', 'b', 'c', 'fc.weight'])
    expect(namesOf(sortDiff(list, { column: 'relative', isDescending: true }))).toEqual([
      ...['fc.weight', 'a.bias', 'b', 'a', 'c']
    ])
  })

  it('are drawn as bars of the layers’ weights along the network', () => {
    const groups = diffGroups(list)
    expect(groups.map(({ label, bars }) => [label, namesOf(bars)])).toEqual([
      ['stem', ['a']],
      ['stage 1', ['b', 'c']],
      ['exit 1', ['fc.weight']]
    ])
    const rect = { x: 10, y: 0, width: 300, height: 100 }
    for (const isLog of [false, true]) {
      const placed = placeGroups(groups, rect, changeAxis(groups, isLog, [100, 0]))
      const bars = placed.flatMap((group) => group.bars)
      expect(bars.map(({ isCompared }) => isCompared)).toEqual([true, true, false, true])
      for (const { x, y, width, height } of bars) {
        expect(x).toBeGreaterThanOrEqual(10)
        expect(x + width).toBeLessThanOrEqual(310.001)
        expect(y + height).toBeCloseTo(100, 9)
      }
      expect(bars[0]!.height).toBeLessThan(bars[1]!.height)
      expect(bars[3]!.height).toBe(100)
      // From left to right, none over another.
      for (const [i, bar] of bars.slice(1).entries()) expect(bar.x).toBeGreaterThanOrEqual(bars[i]!.x + bars[i]!.width)
    }
  })

  it('of a network that is unknown are those of all its matrices', () => {
    const header = (shape: number[]) => ({ shape, dtype: 'F32' })
    const unknown = [
      differenceRow({ name: 'm', a: header([2, 2]), b: header([2, 2]) }),
      differenceRow({ name: 'v', a: header([2]), b: header([2]) })
    ]
    expect(diffGroups(unknown).map(({ label, bars }) => [label, namesOf(bars)])).toEqual([['', ['m']]])
    expect(diffGroups([])).toEqual([])
  })

  it('of two equal files are no bars', () => {
    const groups = diffGroups([differenceRow({ name: 'x', state: 'equal', relative: 0 })])
    const placed = placeGroups(groups, { x: 0, y: 0, width: 100, height: 50 }, changeAxis(groups, true, [50, 0]))
    expect(placed[0]!.bars[0]!.height).toBe(0)
  })

  it('are written as CSV, what was not compared as empty cells', () => {
    const line = diffToCsv(list.slice(4)).split('\r\n')[1]
    expect(line).toBe('c,onlyInB,,,2x2,F32,convolution,backbone,1,,0.5,0.25,0.9,1')
  })
})
