import { describe, expect, it } from 'vitest'
import { dropsAsCsv, dropsAsText, tabulateDrops } from '../../../src-renderer/flat/drops-table.ts'
import { makeFlatness, seededSubjects } from '../../figures/fixture-reports.ts'

const seeded = () =>
  makeFlatness({ subjects: seededSubjects, protocols: ['a', 'b'], splits: ['train', 'test'], exits: 2 })

describe('the table of drops', () => {
  it('has a block per protocol and split, and a row per subject and exit', () => {
    const blocks = tabulateDrops(seeded())
    expect(blocks.map(({ protocol, split }) => `${protocol} ${split}`)).toEqual([
      'a test',
      'a train',
      'b test',
      'b train'
    ])
    expect(blocks[0]!.rows.map(({ subject, exit }) => `${subject}: ${exit}`)).toEqual([
      'labels only (3 seeds): 1',
      'labels only (3 seeds): 2',
      'self-distilled (3 seeds): 1',
      'self-distilled (3 seeds): 2'
    ])
    expect(blocks[0]!.rows[0]!.cells.map(({ drop }) => drop)).toEqual([1, 5, 10])
  })

  it('holds the mean over the seeds with their deviation, the lowest and the highest', () => {
    const report = seeded()
    const sigmas = report.checkpoints
      .slice(3)
      .map(
        (entry) =>
          entry.drops.find((row) => row.protocol === 'b' && row.split === 'test' && row.exit === 2 && row.drop === 5)!
            .sigma
      )
    const cell = tabulateDrops(report)[2]!.rows[3]!.cells[1]!
    expect(cell).toMatchObject({ low: Math.min(...sigmas), high: Math.max(...sigmas), reached: 3, seeds: 3 })
    expect(cell.mean).toBeCloseTo((sigmas[0]! + sigmas[1]! + sigmas[2]!) / 3, 12)
    const squares = sigmas.map((sigma) => (sigma - cell.mean) ** 2)
    expect(cell.deviation).toBeCloseTo(Math.sqrt((squares[0]! + squares[1]! + squares[2]!) / 2), 12)
  })

  it('has no mean where a seed never falls so far, and says how many do', () => {
    const report = seeded()
    report.checkpoints[0]!.drops.forEach((row) => (row.sigma = NaN))
    const cell = tabulateDrops(report)[0]!.rows[0]!.cells[0]!
    expect(cell).toMatchObject({ mean: NaN, low: NaN, high: NaN, reached: 2, seeds: 3 })
  })

  it('has no name that a spreadsheet would run', () => {
    const report = makeFlatness({ protocols: ['a'], splits: ['test'], exits: 1 })
    for (const entry of report.checkpoints) Object.assign(entry, { name: '=1+1', group: '=1+1' })
    expect(dropsAsCsv(tabulateDrops(report))).toContain(`A,test,"'=1+1`)
  })

  it('is copied whole, as CSV and with tabs', () => {
    const report = makeFlatness({ subjects: [{ name: 'one, "two"\tthree' }], exits: 1 })
    report.checkpoints[0]!.drops = [
      { exit: 1, split: 'test', protocol: 'b', drop: 1, sigma: 0.0123456789 },
      { exit: 1, split: 'test', protocol: 'b', drop: 10, sigma: NaN }
    ]
    const blocks = tabulateDrops(report)
    expect(dropsAsCsv(blocks)).toBe(
      'protocol,split,subject,exit,drop in points,sigma,standard deviation over seeds,lowest seed,highest seed,seeds\r\n' +
        'B,test,"one, ""two"" three",1,1,0.0123457,,0.0123457,0.0123457,1\r\n' +
        'B,test,"one, ""two"" three",1,5,,,,,1\r\n' +
        'B,test,"one, ""two"" three",1,10,,,,,1\r\n'
    )
    expect(dropsAsText(blocks).split('\n')[1]).toBe(
      'B\ttest\tone, "two" three\t1\t1\t0.0123457\t\t0.0123457\t0.0123457\t1'
    )
  })
})
