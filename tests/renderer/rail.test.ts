import { describe, expect, it } from 'vitest'
import { railOf } from '../../src-renderer/layout/rail.ts'
import { makeItem } from './items.ts'

describe('the exit rail', () => {
  it('shows means over the seeds that have been measured', () => {
    const { stages, ensemble, note } = railOf(
      [
        makeItem({ accuracies: [0.8, 0.8, 0.8, 0.8], ensembleAccuracy: 0.8 }),
        makeItem({ seed: 1, accuracies: [0.6, null, 0.8, 0.9], ensembleAccuracy: null })
      ],
      4
    )
    expect(stages.map(({ accuracy }) => accuracy?.toFixed(3))).toEqual(['0.700', '0.800', '0.800', '0.850'])
    expect(ensemble).toBe(0.8)
    expect(note).toBe('fashion-mnist test, 10,000 images')
  })
  it('says how much less an exit computes, and nothing of the deepest', () => {
    const { stages } = railOf([makeItem()], 4)
    expect(stages.map(({ acceleration }) => acceleration)).toEqual(['4.0 × faster', '2.0 × faster', '1.3 × faster', ''])
    expect(stages[0]?.cost).toBe('1.00 M multiply-adds, 0.0100 M parameters')
  })
  it('marks stages without an exit', () => {
    const { stages } = railOf([makeItem({ accuracies: [0.7] })], 4)
    expect(stages.map(({ hasExit }) => hasExit)).toEqual([false, false, false, true])
  })
  it('says so where nothing has been evaluated', () => {
    const { note, ensemble } = railOf([makeItem({ evaluatedOn: '', ensembleAccuracy: null, accuracies: [null] })], 4)
    expect([note, ensemble]).toEqual(['not evaluated yet', null])
  })
})
