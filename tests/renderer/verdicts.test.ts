import { describe, expect, it } from 'vitest'
import { confusions, firstRightExit, judge } from '../../src-renderer/knows/verdicts.ts'

const entry = {
  indices: [10, 11, 12],
  labels: [0, 1, 1],
  exits: [
    { exit: 1, predictions: [0, 0, 0] },
    { exit: 4, predictions: [0, 1, 0] }
  ]
} as never

describe('verdicts of the exits', () => {
  const judged = judge(entry)
  it('tell which exit is the first to be right', () => expect(judged.map(firstRightExit)).toEqual([1, 4, Infinity]))
  it('count confusions, the most frequent first', () => {
    expect(confusions(judged, 1)).toEqual([{ label: 1, prediction: 0, count: 2, images: [11, 12] }])
    expect(confusions(judged, 4)).toEqual([{ label: 1, prediction: 0, count: 1, images: [12] }])
    expect(confusions(judged, 2)).toEqual([])
  })
})
