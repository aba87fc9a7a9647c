import { describe, expect, it } from 'vitest'
import { estimate, roundSeconds, speedOf, tellingJobs } from '../../../src-renderer/train/estimate.ts'
import { buildRunConfig } from '../../../src-shared/train-options.ts'
import { makeEpoch, makeJob, makeLive, makeStep } from './make-run.ts'

const small = { width: 8, limit: 6000, epochs: 3 }

describe('how long a run will take', () => {
  const job = makeJob('mine', { options: small })
  const speed = speedOf(
    job,
    makeLive([makeStep(30, 2)], [makeEpoch(1, { imagesPerSecond: 100 }), makeEpoch(2, { imagesPerSecond: 300 })]),
    900
  )

  it('adds times, not speeds', () => expect(speed?.imagesPerSecond).toBeCloseTo(150, 9))

  it('counts a tested image as a third of a trained one', () => {
    // Three epochs of 6,000 trained and 900 tested images at 150 a second.
    const found = estimate(buildRunConfig(small), 60_000, [speed!])
    expect(found).toEqual({ seconds: expect.closeTo((3 * (6000 + 300)) / 150, 9), run: 'mine' })
  })

  it('tests what is held out', () =>
    expect(estimate(buildRunConfig({ ...small, validation: 0.5 }), 60_000, [speed!])?.seconds).toBeCloseTo(
      (3 * (3000 + (900 + 3000) / 3)) / 150,
      9
    ))

  it('takes all images where there is no limit', () =>
    expect(estimate(buildRunConfig({ width: 8, epochs: 1 }), 1200, [speed!])?.seconds).toBeCloseTo(1500 / 150, 9))

  it.each([[{ width: 16 }], [{ network: 'resnet34' as const }], [{ method: 'baseline' as const }]])(
    'is not known from another kind of run: %j',
    (other) => expect(estimate(buildRunConfig({ ...small, ...other }), 60_000, [speed!])).toBeNull()
  )

  it('is not known from a run of a few steps, the first of which are slow', () => {
    expect(speedOf(job, makeLive([makeStep(29, 1)], [makeEpoch(1)]), 900)).toBeNull()
    expect(speedOf(job, makeLive([makeStep(30, 1)]), 900)?.imagesPerSecond).toBe(100)
  })

  it('is not known from a run that has no records', () => {
    expect(speedOf(job, makeLive([]), 900)).toBeNull()
    expect(speedOf(job, makeLive([makeStep(30, 1, { imagesPerSecond: NaN })]), 900)).toBeNull()
  })
})

describe('tellingJobs', () => {
  it('takes the newest that ended of every kind', () => {
    const jobs = [
      makeJob('running', { state: 'running', options: small }),
      makeJob('failed', { state: 'failed', options: small }),
      makeJob('never-begun', { state: 'cancelled', startedAt: null, options: small }),
      makeJob('newest', { options: small }),
      makeJob('older', { options: small }),
      makeJob('wide', { state: 'cancelled', options: { ...small, width: 16 } }),
      makeJob('long', { options: { recipe: 'byot', width: 32 } })
    ]
    expect(tellingJobs(jobs).map(({ id }) => id)).toEqual(['job-newest', 'job-wide'])
  })
})

describe('roundSeconds', () => {
  it.each([
    [3, 'about 10 s'],
    [44, 'about 40 s'],
    [59, 'about 1 min'],
    [200, 'about 3 min'],
    [3600, 'about 1 h'],
    [7900, 'about 2 h 10 min']
  ])('%d', (seconds, text) => expect(roundSeconds(seconds)).toBe(text))
})
