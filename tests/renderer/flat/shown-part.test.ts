import { describe, expect, it } from 'vitest'
import { readAt } from '../../../src-renderer/flat/readout.ts'
import { protocolsOf, shownSplits, splitsOf, takePart } from '../../../src-renderer/flat/shown-part.ts'
import { flatnessSeries } from '../../../src-renderer/figures/flatness-series.ts'
import { makeFlatness } from '../../figures/fixture-reports.ts'

describe('the shown part of a report', () => {
  const whole = makeFlatness({ protocols: ['c', 'a'], splits: ['train', 'test'], exits: 2 })
  whole.provenance.data!.split = 'test and train'

  it('knows what was measured', () => {
    expect(protocolsOf(whole)).toEqual(['a', 'c'])
    expect(splitsOf(whole)).toEqual(['test', 'train'])
    expect(shownSplits(whole, 'both')).toEqual(['test', 'train'])
    expect(shownSplits(whole, 'train')).toEqual(['train'])
    expect(shownSplits(makeFlatness({ splits: ['given'] }), 'test')).toEqual(['given'])
  })

  it('keeps points and drops of the chosen protocols and splits, and its note says which images those are', () => {
    const part = takePart(whole, { protocols: ['c'], splits: ['test'], exits: [2] })
    expect(flatnessSeries(part, 'accuracy').rows.map(({ protocol, split }) => [protocol, split])).toEqual([
      ['c', 'test']
    ])
    expect(part.checkpoints[0]!.drops.every(({ protocol, split }) => protocol === 'c' && split === 'test')).toBe(true)
    expect(part.provenance.data!.split).toBe('test')
    expect(part.request).toBe(whole.request)
    expect(flatnessSeries(part, 'accuracy').exits).toEqual([2])
    const all = { protocols: ['a', 'c'], splits: ['test', 'train'], exits: [1, 2] } as const
    expect(takePart(whole, all)).toEqual(whole)
    expect(takePart(whole, { ...all, exits: [7] }).checkpoints).toHaveLength(2)
  })
})

describe('reading every curve at a sigma', () => {
  it('interpolates, tells the change from no noise, and has no value beyond a curve', () => {
    const report = makeFlatness({ subjects: [{ name: 'a' }, { name: 'b' }], exits: 2 })
    const [first, second] = report.checkpoints
    // The first checkpoint has the deepest exit only.
    first!.exits = first!.exits.filter(({ exit }) => exit === 2)
    const own = first!.exits.slice(0, 2)
    const middle = (own[0]!.sigma + own[1]!.sigma) / 2
    const { rows } = flatnessSeries(report, 'accuracy')
    const [block] = readAt(rows, 2, middle)
    expect(block).toMatchObject({ split: 'test', exits: [1, 2] })
    expect(block!.subjects[0]![0]).toBeNull()
    expect(block!.subjects[0]![1]!.value).toBeCloseTo(50 * (own[0]!.accuracy.mean + own[1]!.accuracy.mean), 10)
    expect(block!.subjects[0]![1]!.change).toBeCloseTo(50 * (own[1]!.accuracy.mean - own[0]!.accuracy.mean), 10)
    const beyond = 1 + Math.max(...second!.exits.map(({ sigma }) => sigma))
    expect(readAt(rows, 2, beyond)[0]!.subjects[1]![1]).toEqual({ value: NaN, change: NaN })
    expect(readAt(rows, 2, 0)[0]!.subjects[1]![0]).toMatchObject({ change: 0 })
  })
})
