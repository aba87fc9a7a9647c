import { describe, expect, it } from 'vitest'
import { estimate, roundSeconds, speedOf, tellingJobs } from '../../../src-renderer/train/estimate.ts'
import { buildRunConfig, type TrainOptions } from '../../../src-shared/train-options.ts'
import { makeEpoch, makeJob, makeLive, makeStep } from './make-run.ts'

const small = { width: 8, limit: 6000, epochs: 3 }

describe('how long a run will take', () => {
  const job = makeJob('mine', { options: small })
  const speed = speedOf(
    job,
    makeLive([makeStep(30, 2)], [makeEpoch(1, { imagesPerSecond: 100 }), makeEpoch(2, { imagesPerSecond: 300 })]),
    1e6
  )
  const of = (trainCount: number) => ({ trainCount, testCount: 900 })

  it('adds times, not speeds', () => expect(speed?.imagesPerSecond).toBeCloseTo(150, 9))

  it('counts a tested image as a third of a trained one', () => {
    // Three epochs of 6,000 trained and 900 tested images at 150 a second.
    const found = estimate(buildRunConfig(small), of(60_000), [speed!])
    expect(found).toEqual({
      ...{ seconds: expect.closeTo((3 * (6000 + 300)) / 150, 9), secondsPerEpoch: expect.closeTo(6300 / 150, 9) },
      ...{ run: 'mine', isAlike: true }
    })
  })

  it('tests what is held out', () =>
    expect(estimate(buildRunConfig({ ...small, validation: 0.5 }), of(60_000), [speed!])?.seconds).toBeCloseTo(
      (3 * (3000 + (900 + 3000) / 3)) / 150,
      9
    ))

  it('takes all images where there is no limit', () =>
    expect(estimate(buildRunConfig({ width: 8, epochs: 1 }), of(1200), [speed!])?.seconds).toBeCloseTo(1500 / 150, 9))

  it.each<[TrainOptions]>([[{ width: 16 }], [{ network: 'resnet34' }], [{ method: 'baseline' }], [{ sam: 0.05 }]])(
    'is not known from another kind of run whose cost is not: %j',
    (other) => expect(estimate(buildRunConfig({ ...small, ...other }), of(60_000), [speed!])).toBeNull()
  )

  it('is in proportion to multiply-adds where another kind of run was timed', () => {
    const config = buildRunConfig({ ...small, width: 16 })
    // Four times as many multiply-adds an image, so a fourth of the images a second.
    const found = estimate(config, of(60_000), [speed!], 6000 * 4e6)
    expect(found?.secondsPerEpoch).toBeCloseTo((6000 + 300) / (150 / 4), 6)
    expect(found).toMatchObject({ run: 'mine', isAlike: false })
  })

  it('goes by the run whose images cost most nearly as much', () => {
    const large = { ...speed!, run: 'large', imagesPerSecond: 10, multiplyAddsPerImage: 1e9 }
    const config = buildRunConfig({ ...small, width: 64 })
    expect(estimate(config, of(60_000), [speed!, large], 6000 * 5e8)?.run).toBe('large')
    expect(estimate(config, of(60_000), [{ ...large, multiplyAddsPerImage: NaN }], 6000 * 5e8)).toBeNull()
  })

  it('counts the epochs of every round', () => {
    const config = buildRunConfig({ ...small, method: 'self-distillation-rounds', rounds: 2 })
    const found = estimate(config, of(60_000), [speed!], 6000 * 1e6)
    expect(found!.seconds).toBeCloseTo(9 * found!.secondsPerEpoch, 6)
  })

  it('is not known from a run of a few steps, the first of which are slow', () => {
    expect(speedOf(job, makeLive([makeStep(29, 1)], [makeEpoch(1)]), 1e6)).toBeNull()
    expect(speedOf(job, makeLive([makeStep(30, 1)]), 1e6)?.imagesPerSecond).toBe(100)
  })

  it('is not known from a run that has no records', () => {
    expect(speedOf(job, makeLive([]), 1e6)).toBeNull()
    expect(speedOf(job, makeLive([makeStep(30, 1, { imagesPerSecond: NaN })]), 1e6)).toBeNull()
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
