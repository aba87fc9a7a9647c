import { describe, expect, it } from 'vitest'
import {
  defaultChoice,
  findNameProblem,
  findProblem,
  renderExport,
  suggestName,
  type ExportChoice
} from '../../../src-renderer/figure-card/export-figure.ts'
import { describeProvenance } from '../../../src-renderer/figure-card/provenance-line.ts'
import type { ShownFigure } from '../../../src-renderer/figure-card/shown-figure.ts'
import { parseReport } from '../../../src-shared/report-file.ts'
import { makeFlatness, makeHistory } from '../../figures/fixture-reports.ts'

const figure: ShownFigure = {
  kind: 'flatness',
  report: makeFlatness(),
  title: 'Accuracy under weight noise',
  options: { quantity: 'loss', deepestExit: 4 },
  theme: 'dark'
}

describe('what can be exported', () => {
  const choice = defaultChoice(figure)
  it('is by default what the figure needs, light, without a title', () => {
    expect(choice).toMatchObject({
      format: 'svg',
      width: 880,
      theme: 'light',
      style: 'screen',
      density: 2,
      title: null
    })
    expect(findProblem(choice)).toBe('')
  })

  it.each<[Partial<ExportChoice>, string]>([
    [{ width: 79 }, "A figure can't be 79 pixels in width; choose a whole number from 80 to 20000."],
    [{ height: 20001 }, "A figure can't be 20001 pixels in height; choose a whole number from 80 to 20000."],
    [{ width: 100.5 }, "A figure can't be 100.5 pixels in width; choose a whole number from 80 to 20000."],
    [{ width: NaN }, "A figure can't be NaN pixels in width; choose a whole number from 80 to 20000."],
    [{ format: 'png', density: 9 }, "A density of 9 can't be drawn; choose 0.5 to 8."],
    [{ format: 'png', density: NaN }, "A density of NaN can't be drawn; choose 0.5 to 8."],
    [
      { format: 'png', width: 20000, height: 20000 },
      'A picture of 20000 x 20000 pixels is too large for the density 2; choose less.'
    ],
    [{ format: 'svg', width: 20000, height: 20000, density: 99 }, ''],
    [{ format: 'csv', width: 1 }, '']
  ])('%j', (change, problem) => {
    expect(findProblem({ ...choice, ...change })).toBe(problem)
  })

  it('has a name that every system takes', () => {
    expect(suggestName(figure)).toBe('flatness-loss')
    expect(findNameProblem('flatness-loss')).toBe('')
    expect(findNameProblem('  ')).toBe('Give the file a name.')
    expect(findNameProblem('x'.repeat(121))).toBe('Give the file a shorter name, up to 120 characters.')
    expect(findNameProblem('a\\b')).toBe(`A file's name can't hold "\\\\"; leave it out.`)
    expect(findNameProblem('a\nb')).toBe(`A file's name can't hold "\\n"; leave it out.`)
    expect(findNameProblem('..')).toBe("A file's name can't begin or end with a dot here.")
  })

  it('sends the report for a csv, and nothing that cannot be drawn', async () => {
    const asked: { format: string; source: string; title: string; description: string }[] = []
    const renderFile = (request: (typeof asked)[number]) => {
      asked.push(request)
      return Promise.resolve({ bytes: new Uint8Array([7]) })
    }
    const app = { shell: { renderFile } } as never
    expect(await renderExport(app, figure, { ...choice, format: 'csv' })).toEqual(new Uint8Array([7]))
    expect(parseReport(asked[0]!.source, 'it')).toMatchObject({
      kind: 'flatness',
      checkpoints: [{ name: 'labels only' }, {}]
    })
    expect(asked[0]).toMatchObject({
      format: 'csv',
      title: 'Accuracy under weight noise',
      description: 'Accuracy under weight noise: labels only, self-distilled'
    })
    await expect(renderExport(app, figure, { ...choice, width: 3 })).rejects.toThrow(
      "A figure can't be 3 pixels in width"
    )
    expect(asked).toHaveLength(1)
  })
})

describe('how a report was measured, in one line', () => {
  it('names images, seed, backend, day and duration', () => {
    const report = makeFlatness()
    expect(describeProvenance(report)).toBe(
      'fashion-mnist test, 1,000 images · seed 0 · cpu, made up · 2026-01-01, took 1 s'
    )
    Object.assign(report.provenance.data!, { split: 'test and train' })
    Object.assign(report.provenance, { seconds: NaN, device: '' })
    expect(describeProvenance(report)).toBe(
      'fashion-mnist test and train, 1,000 images each · seed 0 · cpu · 2026-01-01'
    )
  })

  it('says of a history that it was read', () => {
    expect(describeProvenance(makeHistory())).toBe('Read from the records of the runs · 2026-01-01')
  })

  it('says of logged curves where they lay', () => {
    const report = makeHistory()
    const curveIn = (file: string) => ({
      ...{ tag: 'loss', file, unit: 'step' as const },
      steps: [],
      values: [],
      wallTimes: []
    })
    for (const entry of report.checkpoints)
      Object.assign(entry, { steps: [], epochs: [], curves: [curveIn('events.out.tfevents.1'), curveIn('log.csv')] })
    expect(describeProvenance(report)).toBe('Read from TensorBoard and CSV curves beside the checkpoints · 2026-01-01')
  })
})
