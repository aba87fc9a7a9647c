import { describe, expect, it } from 'vitest'
import { restrictExits } from '../../src-renderer/figures/restrict.ts'
import { makeEmbedding, makeFlatness } from './fixture-reports.ts'

describe('a report of some exits', () => {
  const report = makeFlatness()
  const onlyDeepest = (entry: { exits: { exit: number }[] }) => ({ ...entry, exits: entry.exits.slice(-1) })
  it('holds these exits only', () => {
    const shown = restrictExits(report, [1])
    expect(new Set(shown.checkpoints.flatMap(({ exits }) => exits.map(({ exit }) => exit)))).toEqual(new Set([1]))
  })
  it('keeps the order of all checkpoints, so that their looks stay', () => {
    const [first, ...others] = report.checkpoints
    const mixed = {
      ...report,
      checkpoints: [{ ...first!, exits: first!.exits.filter(({ exit }) => exit === 4) }, ...others]
    }
    expect(restrictExits(mixed, [1]).checkpoints).toHaveLength(report.checkpoints.length)
  })
  it('leaves out maps of who has none of them, unless that leaves nothing', () => {
    const maps = makeEmbedding()
    const mixed = {
      ...maps,
      checkpoints: [onlyDeepest(maps.checkpoints[0]!), ...maps.checkpoints.slice(1)]
    } as typeof maps
    expect(restrictExits(mixed, [1]).checkpoints).toHaveLength(maps.checkpoints.length - 1)
    expect(restrictExits(maps, []).checkpoints).toHaveLength(maps.checkpoints.length)
  })
  it('is the same report where all exits are asked for', () =>
    expect(restrictExits(report, [1, 2, 3, 4])).toEqual(report))
})
