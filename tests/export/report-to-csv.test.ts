import { describe, expect, test } from 'vitest'
import { formatCsv } from '../../src-shared/csv.ts'
import { reportToCsv } from '../../src-main/export/report-to-csv.ts'
import type { AnyReport } from '../../src-shared/reports.ts'
import * as fixtures from '../figures/fixture-reports.ts'
import { addCosts, makeMethods } from '../figures/history-reports.ts'

/** Rows of a CSV text by RFC 4180. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    if (end === ',') continue
    rows.push(row)
    row = []
  }
  return rows
}

const reports: [string, AnyReport, number][] = [
  ['embedding', fixtures.makeEmbedding({ images: 20 }), 2 * 4 * 20],
  ['discriminativeness', fixtures.makeDiscriminativeness(), 2 * 4 * (8 + 10 * 3)],
  ['flatness', fixtures.makeFlatness(), 2 * 4 * (8 + 4)],
  ['gradients', fixtures.makeGradients(), 2 * (20 + 12 + 1 + 2)],
  ['history', fixtures.makeHistory({ epochs: 2 }), 50 * (16 + 22) + 2 * (16 + 22 + 2 * 10)]
]

describe.each(reports)('%s', (_kind, report, count) => {
  const [header = [], ...rows] = parseCsv(reportToCsv(report))
  test('is a table: every row as long as the header', () => {
    expect(header.slice(0, 4)).toEqual(['checkpoint', 'group', 'role', 'seed'])
    expect(new Set(header).size).toBe(header.length)
    expect(rows.every((row) => row.length === header.length)).toBe(true)
  })
  test('has a row per observation', () => expect(rows).toHaveLength(count))
  test('names its checkpoints', () => {
    expect([...new Set(rows.map(([name]) => name))]).toEqual(['labels only', 'self-distilled'])
  })
})

test('numbers come back as they were, and what is not finite as an empty cell', () => {
  const report = fixtures.makeFlatness()
  report.checkpoints[0]!.exits[0]!.loss.mean = NaN
  const [header = [], first = []] = parseCsv(reportToCsv(report))
  const cell = (name: string) => first[header.indexOf(name)]
  expect(cell('lossMean')).toBe('')
  expect(Number(cell('accuracyMean'))).toBe(report.checkpoints[0]!.exits[0]!.accuracy.mean)
})

test('history has every quantity of every epoch', () => {
  const report = fixtures.makeHistory({ epochs: 2 })
  const [header = [], ...rows] = parseCsv(reportToCsv(report))
  const at = (name: string) => header.indexOf(name)
  const value = rows.find(
    (row) => row[at('unit')] === 'epoch' && row[at('quantity')] === 'test accuracy' && row[at('index')] === '4'
  )
  expect(Number(value?.[at('value')])).toBe(report.checkpoints[0]!.epochs[0]!.test.accuracy[3])
})

test('history has weighted terms, time and multiply-adds where they were recorded, in full', () => {
  const report = addCosts(makeMethods(['fitnets'], 2))
  const [header = [], ...rows] = parseCsv(reportToCsv(report))
  const valuesOf = (unit: string, quantity: string) =>
    rows
      .filter((row) => row[header.indexOf('unit')] === unit && row[header.indexOf('quantity')] === quantity)
      .map((row) => {
        expect(row[header.indexOf('index')]).toBe('')
        return Number(row[header.indexOf('value')])
      })
  const { steps, epochs } = report.checkpoints[0]!
  expect(valuesOf('epoch', 'weighted hint')).toEqual(epochs.map(({ weighted }) => weighted!.hint))
  expect(valuesOf('step', 'weighted crossEntropy')).toEqual(steps.map(({ weighted }) => weighted!.crossEntropy))
  expect(valuesOf('epoch', 'weighted kl')).toEqual([])
  expect(valuesOf('epoch', 'trainSeconds')).toEqual(epochs.map(({ trainSeconds }) => trainSeconds))
  expect(valuesOf('epoch', 'trainMultiplyAdds')).toEqual(epochs.map(({ trainMultiplyAdds }) => trainMultiplyAdds))
})

test('texts with commas, quotes and line ends come back; formulas are made harmless', () => {
  const cells = ['a,b', 'say "x"', 'two\r\nlines', 'plain', '']
  expect(parseCsv(formatCsv(cells, [cells]))).toEqual([cells, cells])
  expect(formatCsv(['n'], [['=1+1'], ['@x'], [-2]])).toBe('n\r\n"\'=1+1"\r\n"\'@x"\r\n-2\r\n')
})

test.each(['=1+1', '+1', '-1', '@SUM(A1)'])('a tag that a spreadsheet would run is text: %s', (tag) => {
  const report = fixtures.makeHistory({ epochs: 1 })
  Object.assign(report.checkpoints[0]!, { curves: [{ tag, file: tag, unit: 'step', steps: [1], values: [2] }] })
  const [header = [], first = []] = parseCsv(reportToCsv(report))
  expect([first[header.indexOf('quantity')], first[header.indexOf('index')]]).toEqual([`'${tag}`, `'${tag}`])
})
