import { describe, expect, it } from 'vitest'
import { historySeries } from '../../../src-renderer/figures/history-series.ts'
import { headlineOf, liveReport } from '../../../src-renderer/train/live-report.ts'
import { liveHistorySchema } from '../../../src-shared/jobs.ts'
import { formatReport, parseReport } from '../../../src-shared/report-file.ts'
import { anyReportSchema } from '../../../src-shared/reports.ts'
import { makeEpoch, makeJob, makeLive, makeStep } from './make-run.ts'

const job = makeJob('mine', { state: 'running', options: { seed: 3 } })
const steps = [1, 2, 3, 4].map((step) => makeStep(step, step > 3 ? 2 : 1))

describe('a live run as a report', () => {
  it('is a report of the history probe that can be stored and read', () => {
    const report = liveReport(makeLive(steps, [makeEpoch(1)]), job)
    expect(anyReportSchema.safeParse(report).success).toBe(true)
    expect(parseReport(formatReport(report!), 'live.json').checkpoints).toMatchObject([
      {
        path: '/lab/runs/mine',
        name: 'mine',
        role: 'self-distillation',
        seed: 3,
        exits: [1, 2, 3, 4],
        steps,
        epochs: [{ epoch: 1 }]
      }
    ])
  })

  it('is drawn over its steps while it goes on, tests at the ends of epochs', () => {
    const { rows } = historySeries(liveReport(makeLive(steps, [makeEpoch(1)]), job)!, 'step')
    const exit4 = rows[0]!.panels.find(({ title }) => title === 'Exit 4')!
    expect(exit4.curves.map(({ part, points }) => [part, points.map(({ x, y }) => [x, y])])).toEqual([
      [
        'train',
        [
          [1, 40],
          [2, 40],
          [3, 40],
          [4, 40]
        ]
      ],
      ['test', [[3, 80]]]
    ])
  })

  it('knows its rounds', () => {
    const live = makeLive(steps, [makeEpoch(1)])
    const header = liveHistorySchema.parse({ ...live, header: { ...live.header, epochsPerRound: 1 } }).header
    expect(liveReport({ ...live, header }, job)?.checkpoints[0]).toMatchObject({ epochsPerRound: 1 })
    expect(liveReport(live, job)?.checkpoints[0]).not.toHaveProperty('epochsPerRound')
  })

  it('is none before the first step', () => expect(liveReport(makeLive([]), job)).toBeNull())
})

describe('the numbers above the figure', () => {
  it('are of the last steps and the last test', () =>
    expect(headlineOf(makeLive([...steps, makeStep(5, 2, { total: 7 })], [makeEpoch(1)]))).toEqual({
      ...{ epoch: 2, epochs: 2, step: 5, steps: 6, loss: 7, learningRate: 0.05, imagesPerSecond: 100, ensemble: 0.75 },
      exits: [
        { exit: 1, train: 0.1, test: 0.5 },
        { exit: 2, train: 0.2, test: 0.6 },
        { exit: 3, train: 0.3, test: 0.7 },
        { exit: 4, train: 0.4, test: 0.8 }
      ]
    }))

  it('are unknown before there is anything', () => {
    const headline = headlineOf(makeLive([]))
    expect(headline).toMatchObject({
      epoch: 0,
      epochs: 2,
      step: 0,
      steps: 6,
      loss: NaN,
      imagesPerSecond: NaN,
      ensemble: NaN
    })
    expect(headline.exits[0]).toEqual({ exit: 1, train: NaN, test: NaN })
  })
})
