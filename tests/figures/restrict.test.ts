import { describe, expect, it } from 'vitest'
import { restrictExits } from '../../src-renderer/figures/restrict.ts'
import { makeFlatness } from './fixture-reports.ts'

describe('a report of some exits', () => {
  const report = makeFlatness()
  it('holds these exits only, and leaves out who has none', () => {
    const shown = restrictExits(report, [1])
    expect(new Set(shown.checkpoints.flatMap(({ exits }) => exits.map(({ exit }) => exit)))).toEqual(new Set([1]))
    expect(shown.checkpoints.every(({ exits }) => exits.length > 0)).toBe(true)
  })
  it('keeps its checkpoints where none would be left', () =>
    expect(restrictExits(report, []).checkpoints).toHaveLength(report.checkpoints.length))
  it('is the same report where all exits are asked for', () =>
    expect(restrictExits(report, [1, 2, 3, 4])).toEqual(report))
})
