import { describe, expect, it } from 'vitest'
import { describeSpec, nameOfRun, runsOf } from '../../../src-renderer/train/runs.ts'
import { makeJob } from './make-run.ts'

const names = (jobs: readonly { run: string | null }[]) => jobs.map(({ run }) => nameOfRun(run ?? ''))

describe('the list of runs', () => {
  it('has what may go on first, then the newest', () =>
    expect(
      names(
        runsOf([
          makeJob('new', { state: 'failed' }),
          makeJob('paused', { state: 'paused' }),
          makeJob('waiting', { state: 'waiting' }),
          makeJob('old', { state: 'done' }),
          makeJob('running', { state: 'running' })
        ])
      )
    ).toEqual(['running', 'waiting', 'paused', 'new', 'old']))

  it('has the newest job only of a run that was gone on with', () => {
    const again = {
      ...makeJob('a', { state: 'running' }),
      id: 'again',
      spec: { kind: 'resume', run: '/lab/runs/a' } as const
    }
    expect(runsOf([again, makeJob('b'), makeJob('a', { state: 'cancelled' })]).map(({ id }) => id)).toEqual([
      'again',
      'job-b'
    ])
  })

  it('leaves out what trains nothing', () => expect(runsOf([makeJob('a', { run: null })])).toEqual([]))

  it('ends somewhere', () =>
    expect(runsOf(Array.from({ length: 300 }, (_, index) => makeJob(`run-${index}`))).length).toBeLessThanOrEqual(50))
})

describe('nameOfRun', () => {
  it.each([
    ['/lab/runs/mine', 'mine'],
    ['C:\\lab\\runs\\mine', 'mine'],
    ['/lab/runs/mine/', 'mine'],
    ['mine', 'mine']
  ])('%s is %s', (run, name) => expect(nameOfRun(run)).toBe(name))
})

describe('describeSpec', () => {
  it('says how a run is trained', () => {
    expect(describeSpec(makeJob('a', { options: { limit: 4000, labelNoise: 0.4, seed: 7 } }))).toBe(
      'self-distillation, 4,000 images of fashion-mnist, 40 % label noise, seed 7'
    )
    expect(describeSpec(makeJob('a', { options: { method: 'baseline' } }))).toBe('baseline, fashion-mnist, seed 0')
  })
  it('knows nothing of a run that only goes on', () =>
    expect(describeSpec({ ...makeJob('a'), spec: { kind: 'resume', run: '/lab/runs/a' } })).toBe(''))
})
