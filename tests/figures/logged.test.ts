import { describe, expect, test } from 'vitest'
import { renderFigure } from '../../src-main/cli/render-figure.ts'
import { summarizeReport } from '../../src-main/cli/report-summary.ts'
import { reportToCsv } from '../../src-main/export/report-to-csv.ts'
import { kindOfTag } from '../../src-renderer/figures/history-logged.ts'
import { historySeries } from '../../src-renderer/figures/history-series.ts'
import { unitsOf, usualUnit } from '../../src-renderer/figures/history-units.ts'
import type { LoggedCurve, ProbeReport } from '../../src-shared/reports.ts'
import { makeHistory } from './fixture-reports.ts'
import { measureTexts } from './svg-checks.ts'

type Report = ProbeReport<'history'>
const curve = (tag: string, values: number[], unit: 'step' | 'epoch' = 'step', file = 'log.csv'): LoggedCurve => ({
  ...{ tag, file, unit, values },
  steps: values.map((_, i) => 10 * i),
  wallTimes: []
})
/** A made-up history whose first entries have these curves in place of records. */
function logged(...lists: LoggedCurve[][]): Report {
  const report = makeHistory()
  const checkpoints = report.checkpoints.map((entry, i) => {
    const curves = lists[i]
    return curves ? { ...entry, steps: [], epochs: [], curves } : entry
  })
  return { ...report, checkpoints: checkpoints.slice(0, Math.max(lists.length, 1)) }
}
const some = [
  curve('loss/train', [2, 1, NaN, 0.5]),
  curve('loss/val', [2.2, 1.5]),
  curve('acc/train', [0.1, 0.9]),
  curve('lr', [0.1, 0.01]),
  curve('grad_norm', [5, 3])
]
const titlesOf = (report: Report) =>
  historySeries(report).rows.flatMap(({ panels }) => panels.map(({ title }) => title))

test.each([
  ['train_acc', 'accuracy'],
  ['exit1_acc', 'accuracy'],
  ['valAcc', 'accuracy'],
  ['top1', 'accuracy'],
  ['acc@1', 'accuracy'],
  ['accumulated', 'other'],
  ['Loss/val', 'loss'],
  ['distill_loss2', 'loss'],
  ['cross_entropy', 'loss'],
  ['train/lr', 'learning rate'],
  ['learning_rate', 'learning rate'],
  ['grad_norm', 'other']
])('%s is %s', (tag, kind) => expect(kindOfTag(tag)).toBe(kind))

describe('curves that others logged', () => {
  test('are grouped into panels, with a line for each tag', () => {
    const series = historySeries(logged(some))
    expect(titlesOf(logged(some))).toEqual(['Accuracy (%)', 'Loss', 'Learning rate', 'grad_norm'])
    expect(series.lines).toEqual(['acc/train', 'loss/train', 'loss/val', 'lr', 'grad_norm'])
    const points = series.rows[0]!.panels[0]!.curves[0]!.points
    expect(points.map(({ x, y }) => [x, y])).toEqual([
      [0, 10],
      [10, 90]
    ])
    expect(series.xExtent).toEqual([0, 30])
  })

  test('of two logs with one tag are told apart; per cent stay per cent', () => {
    const report = logged([curve('acc', [10, 90]), curve('acc', [0.2, 0.3], 'step', 'runs/b.csv')])
    const { lines, rows } = historySeries(report)
    expect(lines).toEqual(['acc, log.csv', 'acc, runs/b.csv'])
    expect(rows[0]!.panels[0]!.curves.map(({ points }) => points[0]!.y)).toEqual([10, 20])
  })

  test('are drawn over what they were logged over', () => {
    expect(unitsOf(logged(some))).toEqual(['step'])
    expect(usualUnit(logged(some))).toBe('step')
    const both = logged([...some, curve('val', [1, 2], 'epoch')])
    expect(unitsOf(both)).toEqual(['epoch', 'step'])
    expect(titlesOf(both)).toEqual(['val'])
    expect(
      measureTexts(renderFigure(both, { theme: 'light' }))
        .map(({ text }) => text)
        .join(' ')
    ).toContain('Those over steps are not drawn here.')
  })

  test('stand beside the records of runs', () => {
    const report = makeHistory()
    const [first, ...rest] = report.checkpoints
    const mixed = {
      ...report,
      checkpoints: [{ ...first!, steps: [], epochs: [], curves: [curve('loss', [1, 2], 'epoch')] }, ...rest]
    }
    expect(titlesOf(mixed)).toContain('Loss')
    expect(titlesOf(mixed)).toContain('Total loss (nats)')
    expect(unitsOf(mixed).slice(0, 2)).toEqual(['epoch', 'step'])
  })

  test('too many are counted, and all are in the CSV', () => {
    const many = Array.from({ length: 20 }, (_, i) => curve(`loss_${i}`, [i, i + 1]))
    const report = logged([...many, ...Array.from({ length: 6 }, (_, i) => curve(`other_${i}`, [i]))])
    const { lines, left } = historySeries(report)
    expect([lines.length, left]).toEqual([12, 14])
    const csv = reportToCsv(report)
    expect(csv.split('\n').filter((line) => line.includes(',step,')).length).toBe(46)
    expect(csv).toContain('loss_19,log.csv,20')
  })

  test.each(['light', 'dark'] as const)('make a picture with a legend, %s', (theme) => {
    const svg = renderFigure(logged(some), { theme })
    const texts = measureTexts(svg).map(({ text }) => text)
    for (const text of ['loss/train', 'acc/train', 'Learning rate', 'Step']) expect(texts).toContain(text)
    expect(svg).not.toMatch(/NaN|undefined|Infinity/)
  })

  test('of one checkpoint has tags alone in its legend; of two, whose they are too', () => {
    const textsOf = (report: Report) => measureTexts(renderFigure(report, { theme: 'light' })).map(({ text }) => text)
    const labels = (report: Report) => historySeries(report).subjects.map(({ label }) => label)
    const [one, two] = [logged(some), logged(some, some)]
    expect(textsOf(one).filter((text) => labels(one).includes(text))).toEqual([])
    expect(labels(two)).toEqual(['labels only', 'self-distilled'])
    expect(textsOf(two)).toEqual(expect.arrayContaining(labels(two)))
  })

  test('of nothing but what is no number are no picture of it', () => {
    const svg = renderFigure(logged([curve('loss', [NaN, Infinity])]), { theme: 'light' })
    expect(svg).not.toMatch(/NaN|undefined|Infinity/)
  })

  test('are told on the command line', () => {
    const report = logged([curve('loss', [2, 1.25])])
    report.checkpoints[0]!.remarks = ['/x/log.csv is read to where it is cut off.']
    const text = summarizeReport(report)
    expect(text).toMatch(/loss +log\.csv +2 +1\.25 +step 10/)
    expect(text).toContain('/x/log.csv is read to where it is cut off.')
  })
})
