import { describe, expect, test } from 'vitest'
import { renderFigure } from '../../src-main/cli/render-figure.ts'
import { trainingCosts } from '../../src-renderer/figures/history-costs.ts'
import { layoutHistory } from '../../src-renderer/figures/history-layout.ts'
import { describeDominance } from '../../src-renderer/figures/history-notes.ts'
import { placeRounds, roundEnds } from '../../src-renderer/figures/history-rounds.ts'
import { historySeries, type HistorySeries } from '../../src-renderer/figures/history-series.ts'
import { thinSteps } from '../../src-renderer/figures/history-steps.ts'
import { scaleOf, unitsOf } from '../../src-renderer/figures/history-units.ts'
import { lossShares } from '../../src-renderer/figures/loss-shares.ts'
import { formatReport, parseReport } from '../../src-shared/report-file.ts'
import { makeHistory, seededSubjects, twoSubjects } from './fixture-reports.ts'
import { addCosts, makeMethods, makeRounds } from './history-reports.ts'
import { measureTexts } from './svg-checks.ts'

const panelOf = ({ rows }: HistorySeries, title: string) =>
  rows.flatMap(({ panels }) => panels).find((panel) => panel.title === title)
const titlesOf = ({ rows }: HistorySeries) => rows.flatMap(({ panels }) => panels.map(({ title }) => title))
const textsOf = (svg: string) => measureTexts(svg).map(({ text }) => text)

describe('shares of the loss', () => {
  const weights = { method: 'kd', weights: { alpha: 0.3, lambda: 0.03 } }
  const terms = { crossEntropy: [2], kl: [1], hint: [] }

  test('are those of the recorded weighted terms, by their sizes', () => {
    const shares = lossShares({ ...terms, weighted: { crossEntropy: 1, kl: -2, attention: 1 } }, weights)
    expect(shares).toEqual({ crossEntropy: 0.25, kl: 0.5, hint: 0, attention: 0.25, mutual: 0, outputs: 0 })
  })
  test('are no numbers where there is no loss, or one that is none', () => {
    expect(lossShares({ ...terms, weighted: { crossEntropy: 0, kl: 0 } }, weights).kl).toBeNaN()
    expect(lossShares({ ...terms, weighted: { crossEntropy: NaN, kl: 1 } }, weights).kl).toBeNaN()
  })
  test('of records without weighted terms come from alpha and lambda; labels alone are all of it', () => {
    expect(lossShares(terms, weights)).toMatchObject({ crossEntropy: 1, kl: 0 })
    expect(lossShares(terms, { ...weights, method: 'self-distillation' }).kl).toBeCloseTo(0.3 / 2.3, 12)
  })
  test('have a panel for each term that any run has, whatever its method', () => {
    const series = historySeries(makeMethods())
    const shares = ['Cross entropy (%)', 'KL (%)', 'Hint (%)', 'Attention (%)', 'Mutual (%)']
    expect(titlesOf(series).filter((title) => title.includes('%'))).toEqual(shares)
    const [baseline, kd] = panelOf(series, 'KL (%)')!.curves
    expect(baseline!.points.every(({ y }) => y === 0)).toBe(true)
    const weighted = makeMethods().checkpoints[1]!.epochs[0]!.weighted!
    expect(kd!.points[0]!.y).toBeCloseTo((100 * weighted.kl!) / (weighted.kl! + weighted.crossEntropy!), 9)
  })
  test('are not shown where labels are all that any run learns from', () =>
    expect(titlesOf(historySeries(makeMethods(['baseline']))).filter((title) => title.includes('%'))).toEqual([]))
  test('of outputs stand in the place of the labels from the second round on', () => {
    const { points } = panelOf(historySeries(makeRounds(5, 2)), 'Outputs (%)')!.curves[0]!
    expect(points.map(({ y }) => y)).toEqual([...Array<number>(5).fill(0), ...Array<number>(5).fill(100)])
  })
  test('of many steps are means, a term that began later included', () => {
    const [step] = makeHistory().checkpoints[0]!.steps
    const steps = Array.from({ length: 600 }, (_, i) => ({
      ...step!,
      step: i + 1,
      weighted: i < 301 ? { crossEntropy: 2 } : { outputs: 4 }
    }))
    const thinned = thinSteps(steps)
    expect(thinned[0]!.weighted).toEqual({ crossEntropy: 2 })
    expect(thinned[150]!.weighted).toEqual({ crossEntropy: 1, outputs: 2 })
    expect(thinSteps(steps.map(({ weighted: _, ...rest }) => rest))[0]).not.toHaveProperty('weighted')
  })
})

describe('the note on a term that passes half of the loss', () => {
  const weigh = (hints: number[]) => {
    const report = makeHistory({ subjects: [{ name: 'A', group: 'self-distilled' }], epochs: hints.length })
    report.checkpoints[0]!.epochs.forEach((record, i) =>
      Object.assign(record, { weighted: { crossEntropy: 1 - hints[i]!, hint: hints[i]! } })
    )
    return report
  }
  const sentenceOf = (hints: number[]) => describeDominance(historySeries(weigh(hints)))

  test('names the term and the run', () => {
    expect(sentenceOf([0.9, 0.6])).toBe('The hint is more than half of the loss of A.')
    expect(sentenceOf([0.9, 0.4])).toBe('The hint is at times more than half of the loss of A.')
    expect(sentenceOf([0.5, 0.2])).toBe('')
    const svg = renderFigure(weigh([0.9, 0.6]))
    expect(textsOf(svg).join(' ')).toContain('The hint is more than half of the loss of A.')
  })
  test('says nothing of labels, nor of outputs in their place', () => {
    expect(describeDominance(historySeries(makeMethods(['baseline', 'attention-transfer'])))).toBe('')
    expect(describeDominance(historySeries(makeRounds()))).toBe('')
  })
  test('names three runs at most', () => {
    const subjects = ['A', 'B', 'C', 'D', 'E'].map((name) => ({ name }))
    const report = makeHistory({ subjects, epochs: 2 })
    for (const { epochs } of report.checkpoints)
      for (const record of epochs) Object.assign(record, { weighted: { crossEntropy: 1, kl: 3 } })
    expect(describeDominance(historySeries(report))).toBe('The KL is more than half of the loss of A, B, C and 2 more.')
  })
})

describe('the axis', () => {
  test('offers a cost only where every epoch of every run has it', () => {
    const report = addCosts(makeHistory({ epochs: 3 }))
    expect(unitsOf(report)).toEqual(['epoch', 'step', 'seconds', 'multiply-adds'])
    delete report.checkpoints[1]!.epochs[0]!.trainSeconds
    expect(unitsOf(report)).toEqual(['epoch', 'step', 'multiply-adds'])
    report.checkpoints[0]!.epochs[2]!.trainMultiplyAdds = NaN
    expect(unitsOf(report)).toEqual(['epoch', 'step'])
    expect(unitsOf(addCosts(makeHistory({ epochs: 0 })))).toEqual(['step', 'epoch'])
    expect(unitsOf({ ...report, checkpoints: [] })).toEqual(['step', 'epoch'])
  })
  test('of a cost that is not known is the usual one', () =>
    expect(historySeries(makeHistory({ epochs: 3 }), 'seconds').xUnit).toBe('epoch'))
  test('of multiply-adds begins at the first epoch, in powers of a thousand', () => {
    const report = addCosts(makeHistory({ subjects: twoSubjects, epochs: 4 }), (index) => 2 * index)
    const series = historySeries(report, 'multiply-adds')
    expect([series.xTitle, series.xExtent]).toEqual(['Multiply-adds (10¹²)', [2.5, 30]])
    const xOf = (subject: number) =>
      panelOf(series, 'Total loss (nats)')!
        .curves.find((curve) => curve.subject === subject)!
        .points.map(({ x }) => x)
    expect([xOf(0), xOf(1)]).toEqual([
      [2.5, 5, 7.5, 10],
      [15, 20, 25, 30]
    ])
  })
  test('of time has a place for each epoch: the mean over the seeds', () => {
    const report = addCosts(makeHistory({ subjects: seededSubjects.slice(0, 3), epochs: 3 }))
    const { rows, xTitle } = historySeries(report, 'seconds')
    expect(xTitle).toBe('Training time (s)')
    const means = [0, 1, 2].map(
      (i) => report.checkpoints.reduce((sum, { epochs }) => sum + epochs[i]!.trainSeconds!, 0) / 3
    )
    for (const { curves } of rows.flatMap(({ panels }) => panels))
      for (const { points } of curves) expect(points.map(({ x }) => x)).toEqual(means)
    const { y, low, high } = rows[0]!.panels[0]!.curves[0]!.points[1]!
    const values = report.checkpoints.map(({ epochs }) => 100 * epochs[1]!.trainAccuracy[0]!)
    expect([low, high]).toEqual([Math.min(...values), Math.max(...values)])
    expect(y).toBeCloseTo(values.reduce((a, b) => a + b) / 3, 9)
  })
  test('of time goes as far as all seeds do', () => {
    const report = addCosts(makeHistory({ subjects: seededSubjects.slice(0, 3), epochs: 3 }))
    report.checkpoints[2]!.epochs.pop()
    const { points } = historySeries(report, 'seconds').rows[0]!.panels[0]!.curves[0]!
    expect(points).toHaveLength(2)
  })
  test.each([
    ['epoch', 30, 'Epoch', 1],
    ['step', 9000, 'Step', 1],
    ['seconds', 599, 'Training time (s)', 1],
    ['seconds', 600, 'Training time (min)', 60],
    ['seconds', 7200, 'Training time (h)', 3600],
    ['multiply-adds', 999, 'Multiply-adds', 1],
    ['multiply-adds', 1e6, 'Multiply-adds (10⁶)', 1e6],
    ['multiply-adds', 9.9e14, 'Multiply-adds (10¹²)', 1e12],
    ['multiply-adds', 1e15, 'Multiply-adds (10¹⁵)', 1e15],
    ['multiply-adds', 3e18, 'Multiply-adds (10¹⁸)', 1e18]
  ] as const)('over %s up to %d is called %s', (unit, most, title, divisor) =>
    expect(scaleOf(unit, most)).toEqual({ title, divisor })
  )
})

describe('rounds', () => {
  test('end at epochs and at steps, the last one left out', () => {
    const report = makeRounds(10, 3)
    expect(historySeries(report).rounds).toEqual([10, 20])
    expect(historySeries(report, 'step').rounds).toEqual([50, 100])
    expect(historySeries(addCosts(report), 'seconds').rounds).toEqual([])
    expect(historySeries(makeHistory()).rounds).toEqual([])
  })
  test('of a run that goes on are those that it has ended', () => {
    const report = makeRounds(10, 2)
    report.checkpoints[0]!.epochs.length = 10
    expect(roundEnds(report, 'epoch')).toEqual([])
    report.checkpoints.push(...makeRounds(10, 3).checkpoints)
    expect(roundEnds(report, 'epoch')).toEqual([10, 20])
  })
  test('of different length have no lines', () => {
    const report = makeRounds(10, 3)
    report.checkpoints.push(...makeRounds(6, 3).checkpoints)
    expect(roundEnds(report, 'epoch')).toEqual([])
  })
  test('have names where there is room, else numbers, else nothing', () => {
    const namesOf = (ends: number[], width: number) => placeRounds(ends, [0, width]).map(({ text }) => text)
    expect(placeRounds([100], [0, 200])).toEqual([
      { text: 'Round 1', at: 4 },
      { text: 'Round 2', at: 104 }
    ])
    expect(namesOf([20, 40], 60)).toEqual(['1', '2', '3'])
    expect(namesOf([3, 6], 60)).toEqual(['', '', '3'])
  })
  test('are named once, in the row of accuracies', () => {
    const texts = textsOf(renderFigure(makeRounds(10, 2)))
    expect(texts.filter((text) => text.startsWith('Round '))).toEqual(['Round 1', 'Round 2'])
  })
})

describe('what training took', () => {
  test('is a mean over the seeds, up to the last epoch', () => {
    const report = addCosts(makeHistory({ subjects: seededSubjects, epochs: 3 }))
    report.checkpoints[5]!.epochs.pop()
    const [first, second] = trainingCosts(report)
    expect(first).toMatchObject({ subject: 'labels only (3 seeds)', index: 0, seeds: 3, epochs: [3, 3] })
    expect(first!.multiplyAdds).toBeCloseTo(3 * 2.5e12 * 2, -3)
    const seconds = report.checkpoints.slice(0, 3).map(({ epochs }) => epochs[2]!.trainSeconds!)
    expect(first!.seconds).toBeCloseTo(seconds.reduce((a, b) => a + b) / 3, 9)
    expect(first!.imagesPerSecond).toBeCloseTo((4000 + 4000 / 1.3 + 4000 / 1.6) / 3, 9)
    expect(second!.epochs).toEqual([2, 3])
  })
  test('is unknown where a seed has not recorded it', () => {
    const report = addCosts(makeHistory({ subjects: seededSubjects.slice(0, 2), epochs: 2 }))
    delete report.checkpoints[1]!.epochs[1]!.trainSeconds
    expect(trainingCosts(report)[0]!.seconds).toBeNaN()
    expect(trainingCosts(report)[0]!.multiplyAdds).toBeGreaterThan(0)
    expect(trainingCosts(makeHistory({ epochs: 0 }))[0]).toMatchObject({ epochs: [0, 0], imagesPerSecond: NaN })
  })
})

describe('one exit', () => {
  test('has its accuracy beside the losses, in its own colour and place', () => {
    const series = historySeries(makeMethods(['baseline', 'kd']))
    expect(series.rows[0]!.panels.map(({ title, level }) => [title, level])).toEqual([['Exit 4', 4]])
    const placed = layoutHistory(series, { x: 0, y: 0, width: 960, height: 500 })
    const first = placed.filter(({ rect }) => rect.y === placed[0]!.rect.y).map(({ panel }) => panel.title)
    expect(first).toEqual(['Exit 4', 'Total loss (nats)', 'Cross entropy (%)', 'KL (%)', 'Learning rate'])
    expect(placed[0]).toMatchObject({ first: true, row: { yTitle: 'Accuracy (%)' } })
  })
})

test('a report with all of it comes back from its file', () => {
  const report = addCosts(makeRounds(4, 2))
  expect(parseReport(formatReport(report), 'history.json')).toEqual(report)
})
