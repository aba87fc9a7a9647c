import { describe, expect, test } from 'vitest'
import { discriminativenessSeries } from '../../src-renderer/figures/discriminativeness-series.ts'
import { embeddingSeries, fitMap, projectPoint } from '../../src-renderer/figures/embedding-series.ts'
import { describeDrops, flatnessSeries } from '../../src-renderer/figures/flatness-series.ts'
import { gradientsSeries, shortenNames } from '../../src-renderer/figures/gradients-series.ts'
import { describeTerm, termKey, termsOfReport } from '../../src-renderer/figures/gradients-terms.ts'
import { historySeries } from '../../src-renderer/figures/history-series.ts'
import { thinSteps } from '../../src-renderer/figures/history-steps.ts'
import { lossShares } from '../../src-renderer/figures/loss-shares.ts'
import { groupSubjects } from '../../src-renderer/figures/subjects.ts'
import { makeTerms } from './gallery/gradients.ts'
import * as fixtures from './fixture-reports.ts'

const { seededSubjects, twoSubjects } = fixtures

describe('groupSubjects', () => {
  const entry = (name: string, group: string, seed = 0) => ({ name, group, role: '', seed })
  test('puts seeds of a group together, in the order of the report', () => {
    const groups = groupSubjects([entry('a0', 'a'), entry('b', 'b'), entry('a1', 'a', 1)])
    expect(groups.map(({ label }) => label)).toEqual(['a (2 seeds)', 'b'])
  })
  test('keeps entries without a group apart and their labels unique', () => {
    const groups = groupSubjects([entry('x', ''), entry('x', ''), entry('', '')])
    expect(groups.map(({ label }) => label)).toEqual(['x', 'x (2)', 'unnamed'])
  })
})

describe('embedding', () => {
  test('has a row per checkpoint and a map per exit, points without a place left out', () => {
    const report = fixtures.makeEmbedding({ images: 20 })
    report.checkpoints[0]!.exits[0]!.points[3] = [NaN, 1]
    const series = embeddingSeries(report)
    expect(series.rows.map(({ label, panels }) => [label, panels.length])).toEqual([
      ['labels only', 4],
      ['self-distilled', 4]
    ])
    expect(series.rows[0]?.panels.map((panel) => panel?.points.length)).toEqual([19, 20, 20, 20])
    expect(series.classes).toBe(10)
  })
  test('draws both axes to one scale, the map in the middle', () => {
    const rect = { x: 100, y: 50, width: 200, height: 100 }
    const { x, y } = fitMap({ xExtent: [0, 10], yExtent: [0, 10] }, rect)
    expect(x(1) - x(0)).toBeCloseTo(y(0) - y(1), 9)
    expect([x(5), y(5)]).toEqual([200, 100])
  })
  test('zooms like an image', () => {
    const rect = { x: 0, y: 0, width: 100, height: 100 }
    const plain = fitMap({ xExtent: [0, 1], yExtent: [0, 1] }, rect)
    const zoomed = fitMap({ xExtent: [0, 1], yExtent: [0, 1] }, rect, { k: 2, x: -30, y: 10 })
    expect(zoomed.x(0.2)).toBeCloseTo(2 * plain.x(0.2) - 30, 9)
    expect(zoomed.y(0.2)).toBeCloseTo(2 * plain.y(0.2) + 10, 9)
  })
  test('shows three dimensions from one side, lengths along the line of sight lost', () => {
    expect(projectPoint([1, 2])).toEqual([1, 2])
    const [turn, tilt] = [Math.PI / 6, Math.PI / 9]
    const sight = [Math.sin(turn) * Math.cos(tilt), Math.cos(turn) * Math.cos(tilt), -Math.sin(tilt)]
    const [x, y] = projectPoint(sight)
    expect(x).toBeCloseTo(0, 12)
    expect(y).toBeCloseTo(0, 12)
  })
})

describe('discriminativeness', () => {
  test('one checkpoint has its bootstrap interval, several seeds their range', () => {
    const single = fixtures.makeDiscriminativeness()
    const first = single.checkpoints[0]!.exits[0]!
    const { low, high } = first.ratioInterval
    expect(discriminativenessSeries(single, 'ratio').curves[0]?.points[0]).toEqual({ x: 1, y: first.ratio, low, high })
    const seeds = fixtures.makeDiscriminativeness({ subjects: seededSubjects })
    const ratios = seeds.checkpoints.slice(0, 3).map((entry) => entry.exits[0]!.ratio)
    const point = discriminativenessSeries(seeds, 'ratio').curves[0]?.points[0]
    expect(point?.low).toBe(Math.min(...ratios))
    expect(point?.high).toBe(Math.max(...ratios))
    expect(point?.y).toBeCloseTo((ratios[0]! + ratios[1]! + ratios[2]!) / 3, 12)
  })
  test('is logarithmic only where the ratios span a lot', () => {
    const report = fixtures.makeDiscriminativeness()
    expect(discriminativenessSeries(report, 'ratio').logarithmic).toBe(false)
    report.checkpoints[0]!.exits[0]!.ratio = 100
    expect(discriminativenessSeries(report, 'ratio').logarithmic).toBe(true)
  })
  test('tells N, C, d and warnings', () => {
    const report = fixtures.makeDiscriminativeness()
    report.checkpoints[1]!.warnings.push('Fewer than 20 images a class.')
    expect(discriminativenessSeries(report, 'ratio').facts).toEqual([
      'N = 1,000 images, C = 10 classes, d = 64 raw features.',
      'Fewer than 20 images a class.'
    ])
  })
})

describe('flatness', () => {
  test('has a row per protocol and split, in a fixed order', () => {
    const report = fixtures.makeFlatness({ protocols: ['c', 'a'], splits: ['test', 'train'] })
    const rows = flatnessSeries(report, 'accuracy').rows.map(({ protocol, split }) => `${protocol} ${split}`)
    expect(rows).toEqual(['a train', 'a test', 'c train', 'c test'])
  })
  test('marks the drops that are reached, on the curve', () => {
    const report = fixtures.makeFlatness()
    const entry = report.checkpoints[0]!
    entry.drops.find((row) => row.exit === 1 && row.drop === 10)!.sigma = NaN
    const series = flatnessSeries(report, 'accuracy')
    const curve = series.rows[0]!.panels[0]!.curves[0]!
    expect(curve.drops.map(({ x }) => x)).toEqual(
      entry.drops.filter((row) => row.exit === 1 && row.drop < 10).map(({ sigma }) => sigma)
    )
    expect(describeDrops(series)).not.toContain('ends')
    for (const row of report.checkpoints.flatMap(({ drops }) => drops)) row.sigma = NaN
    expect(describeDrops(flatnessSeries(report, 'accuracy'))).toContain('no accuracy falls')
  })
  test('accuracies are per cent, losses as they are', () => {
    const report = fixtures.makeFlatness()
    const row = report.checkpoints[0]!.exits[0]!
    const first = (quantity: 'accuracy' | 'loss') =>
      flatnessSeries(report, quantity).rows[0]?.panels[0]?.curves[0]?.points[0]
    expect(first('accuracy')?.y).toBe(100 * row.accuracy.mean)
    expect(first('loss')?.y).toBe(row.loss.mean)
  })
})

describe('gradients', () => {
  test('shows convolutions only, the backbone before the heads', () => {
    const report = fixtures.makeGradients()
    const backbone = gradientsSeries(report, 'raw', 'backbone')
    expect(backbone.layers).toHaveLength(20)
    expect(backbone.sections.map(({ label, count }) => [label, count])).toEqual([
      ['Stem', 1],
      ['Stage 1', 4],
      ['Stage 2', 5],
      ['Stage 3', 5],
      ['Stage 4', 5]
    ])
    const all = gradientsSeries(report, 'raw', 'all')
    expect(all.sections.slice(5).map(({ label }) => label)).toEqual(['Head 1', 'Head 2', 'Head 3'])
    expect(all.curves.filter(({ subject }) => subject === 0)).toHaveLength(4)
  })
  test('leaves out layers that a checkpoint lacks, and zeros, which a logarithmic axis lacks', () => {
    const report = fixtures.makeGradients()
    report.checkpoints[0]!.layers.splice(1, 1)
    report.checkpoints[0]!.layers[1]!.meanAbs = 0
    const { curves } = gradientsSeries(report, 'raw', 'backbone')
    expect(curves.map(({ points }) => points.length)).toEqual([18, 20])
  })
  test('has a term of the loss in place of the whole, its unit its own last convolution', () => {
    const report = makeTerms()
    const [first] = report.checkpoints
    const term = first!.terms[1]!
    const raw = gradientsSeries(report, 'raw', 'backbone', 'crossEntropy-4').curves[0]!
    expect(raw.points.map(({ y }) => y)).toEqual(term.layers.slice(0, 20).map(({ meanAbs }) => meanAbs))
    const relative = gradientsSeries(report, 'relative', 'backbone', 'crossEntropy-4').curves[0]!
    expect(relative.points.at(-1)?.y).toBe(1)
    expect(relative.points[0]?.y).toBeCloseTo(raw.points[0]!.y / raw.points.at(-1)!.y, 12)
    const shallow = gradientsSeries(report, 'relative', 'backbone', 'crossEntropy-2').curves[0]!
    expect(shallow.points.at(-1)).toMatchObject({ x: 9, y: 1 })
    // A term has no gradient behind its exit, and no norm of it was measured.
    expect(gradientsSeries(report, 'raw', 'backbone', 'crossEntropy-2').curves[0]!.points).toHaveLength(10)
    expect(gradientsSeries(report, 'timesNorm', 'backbone', 'crossEntropy-2').curves).toEqual([])
    expect(gradientsSeries(report, 'raw', 'backbone', 'hint-9').curves).toEqual([])
  })
  test('lists the terms of all checkpoints, by kind and exit', () => {
    const report = fixtures.makeGradients()
    const layers = report.checkpoints[0]!.terms[0]!.layers
    report.checkpoints[0]!.terms = [{ term: 'crossEntropy', exit: 4, layers }]
    report.checkpoints[1]!.terms.unshift({ term: 'hint', exit: 1, layers } as never)
    expect(termsOfReport(report).map(termKey)).toEqual(['crossEntropy-1', 'crossEntropy-4', 'kl-1', 'hint-1'])
    expect(termsOfReport(report).map(describeTerm)).toContain('cross entropy at exit 4')
  })
  test('shortens names by what a section shares', () => {
    expect(shortenNames(['layer2.0.conv1.weight', 'layer2.1.conv2.weight', 'layer2.0.downsample.0.weight'])).toEqual([
      '0.conv1',
      '1.conv2',
      '0.down'
    ])
    expect(shortenNames(['features.0.weight', 'features.3.weight'])).toEqual(['0', '3'])
    expect(shortenNames(['conv1.weight'])).toEqual(['conv1'])
  })
})

describe('history', () => {
  test('weighted terms add up to the whole', () => {
    const terms = { crossEntropy: [2, 1], kl: [0.5], hint: [10] }
    const shares = lossShares(terms, { method: 'self-distillation', weights: { alpha: 0.3, lambda: 0.03 } })
    const total = 0.7 * 2 + 1 + 0.3 * 0.5 + 0.03 * 10
    expect(shares.crossEntropy).toBeCloseTo(2.4 / total, 12)
    expect(shares.kl).toBeCloseTo(0.15 / total, 12)
    expect(shares.hint).toBeCloseTo(0.3 / total, 12)
    expect(lossShares(terms, { method: 'baseline', weights: { alpha: 0.3, lambda: 1 } }).crossEntropy).toBe(1)
  })
  test("a baseline's only exit is drawn in its own panel, not in the first exit's", () => {
    const report = fixtures.makeHistory({ epochs: 3 })
    const baseline = report.checkpoints[0]!
    const onlyDeepest = (values: number[]) => values.slice(-1)
    baseline.exits = [4]
    for (const record of baseline.epochs) {
      record.trainAccuracy = onlyDeepest(record.trainAccuracy)
      record.test = { ...record.test, accuracy: onlyDeepest(record.test.accuracy) }
    }
    const panels = historySeries(report).rows[0]!.panels
    const drawn = (exit: number) =>
      panels[exit - 1]!.curves.filter(
        ({ subject, points }) => subject === 0 && points.some(({ y }) => Number.isFinite(y))
      )
    expect(panels.map(({ title }) => title)).toEqual(['Exit 1', 'Exit 2', 'Exit 3', 'Exit 4', 'Ensemble'])
    expect([1, 2, 3, 4].map((exit) => drawn(exit).length)).toEqual([0, 0, 0, 2])
  })
  test('shows the shares of the terms only where there are several', () => {
    const titles = (subjects: fixtures.FixtureSubject[]) =>
      historySeries(fixtures.makeHistory({ subjects })).rows.flatMap(({ panels }) => panels.map(({ title }) => title))
    expect(titles(twoSubjects)).toContain('KL (%)')
    expect(titles(twoSubjects.slice(0, 1))).not.toContain('KL (%)')
  })
  test('has epochs where there are two, else steps', () => {
    expect(historySeries(fixtures.makeHistory({ epochs: 2 })).xUnit).toBe('epoch')
    expect(historySeries(fixtures.makeHistory({ epochs: 1 })).xUnit).toBe('step')
  })
  test('over steps, has every step of the training and the tests where their epochs end', () => {
    const report = fixtures.makeHistory({ subjects: twoSubjects.slice(0, 1), epochs: 3 })
    const [entry] = report.checkpoints
    // Steps 1 to 20 are of the first epoch, 21 to 50 of the second; of the third there are none yet.
    for (const step of entry!.steps) step.epoch = step.step <= 20 ? 1 : 2
    const { xUnit, xExtent, rows } = historySeries(report, 'step')
    expect([xUnit, ...xExtent]).toEqual(['step', 1, 50])
    const [exit, ensemble] = [rows[0]!.panels[0]!, rows[0]!.panels.at(-1)!]
    const pointsOf = (part: string) => exit.curves.find((curve) => curve.part === part)!.points
    expect(pointsOf('train').map(({ x }) => x)).toEqual(entry!.steps.map(({ step }) => step))
    expect(pointsOf('test').map(({ x, y }) => [x, y])).toEqual([
      [20, 100 * entry!.epochs[0]!.test.accuracy[0]!],
      [50, 100 * entry!.epochs[1]!.test.accuracy[0]!]
    ])
    expect(ensemble.curves.map(({ points }) => points.map(({ x }) => x))).toEqual([[20, 50]])
  })
  test('has a panel per exit and stage, train and test', () => {
    const { rows } = historySeries(fixtures.makeHistory({ subjects: twoSubjects, exits: 3 }))
    expect(rows[0]?.panels.map(({ title }) => title)).toEqual(['Exit 1', 'Exit 2', 'Exit 3', 'Ensemble'])
    expect(rows[0]?.panels[0]?.curves.map(({ subject, part }) => `${subject} ${part}`)).toEqual([
      '0 train',
      '1 train',
      '0 test',
      '1 test'
    ])
    expect(rows.at(-1)?.panels.map(({ title }) => title)).toEqual(['Stem', 'Stage 1', 'Stage 2', 'Stage 3'])
  })
  test('averages many steps down to a few hundred and keeps the last', () => {
    const step = fixtures.makeHistory().checkpoints[0]!.steps[0]!
    const steps = Array.from({ length: 1000 }, (_, i) => ({ ...step, step: i + 1, total: i }))
    const thinned = thinSteps(steps)
    expect(thinned).toHaveLength(250)
    expect(thinned[0]?.total).toBe(1.5)
    expect(thinned.at(-1)?.step).toBe(1000)
  })
})
