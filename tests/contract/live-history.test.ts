import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { joinLive, mergeSteps, mostLivePoints, thinSteps } from '../../src-shared/live-history.ts'
import type { StepRecord } from '../../src-shared/reports.ts'
import { liveOf, stepRecord } from '../engine/jobs/records.ts'

const records = (count: number) => Array.from({ length: count }, (_, index) => stepRecord(index + 1))
/** Step numbers from 1 on, with gaps where a record stands for several steps. */
const stepNumbers = fc
  .array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 300 })
  .map((widths) => widths.map((_, index) => widths.slice(0, index + 1).reduce((a, b) => a + b, 0)))

describe('mergeSteps', () => {
  test('gives means and the last numbers', () => {
    const merged = mergeSteps([stepRecord(1), stepRecord(2), stepRecord(3, { epoch: 2, imagesPerSecond: 400 })], 0)
    expect(merged).toMatchObject({ step: 3, epoch: 2, total: 2, imagesPerSecond: 200, crossEntropy: [2, 4, 6, 8] })
    expect(merged.learningRate).toBeCloseTo(0.05, 12)
    expect(Object.keys(merged)).toEqual(Object.keys(stepRecord(1)))
  })

  test('weighs a record with the steps that it stands for', () => {
    // The second stands for steps 2 to 10: (1 x 1 + 9 x 11) / 10.
    const merged = mergeSteps([stepRecord(1, { total: 1 }), stepRecord(10, { total: 11 })], 0)
    expect(merged.total).toBe(10)
  })

  test('of merged parts is that of the whole', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 60 }), fc.nat(), (count, cut) => {
        const all = records(count)
        const at = 1 + (cut % (count - 1))
        const parts = [mergeSteps(all.slice(0, at), 0), mergeSteps(all.slice(at), at)]
        expect(mergeSteps(parts, 0).total).toBeCloseTo(mergeSteps(all, 0).total, 9)
        expect(mergeSteps(all, 0).total).toBeCloseTo((count + 1) / 2, 9)
      })
    )
  })
})

describe('thinSteps', () => {
  test('leaves few records as they are', () => {
    const few = records(mostLivePoints)
    expect(thinSteps(few)).toBe(few)
  })

  test('keeps its bound, the last step and the mean over all steps', () => {
    fc.assert(
      fc.property(stepNumbers, fc.integer({ min: 2, max: 50 }), (numbers, most) => {
        const all = numbers.map((step) => stepRecord(step))
        const thin = thinSteps(all, most)
        expect(thin.length).toBeLessThanOrEqual(most)
        expect(thin.at(-1)!.step).toBe(numbers.at(-1))
        expect(mergeSteps(thin, 0).total).toBeCloseTo(mergeSteps(all, 0).total, 6)
        const steps = thin.map(({ step }) => step)
        expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b))
      })
    )
  })

  test('spreads its points evenly, however often a growing run is thinned', () => {
    let points: readonly StepRecord[] = []
    for (let step = 1; step <= 20_000; step++) points = thinSteps([...points, stepRecord(step)], 100)
    const whole = thinSteps(records(20_000), 100)
    // Only the newest are finer than where all are merged at once.
    const settled = points.slice(0, 30)
    expect(settled.map(({ step }) => step)).toEqual(whole.slice(0, 30).map(({ step }) => step))
    settled.forEach(({ total }, index) => expect(total).toBeCloseTo(whole[index]!.total, 6))
    expect(whole.map(({ step }, index) => step - (whole[index - 1]?.step ?? 0)).slice(0, -1)).toEqual(
      Array(whole.length - 1).fill(512)
    )
  })
})

describe('joinLive', () => {
  test('starts anew, then adds what is new', () => {
    const start = joinLive(liveOf([7], true), liveOf([1, 2], true))
    const joined = joinLive(start, liveOf([3]))
    expect(joined).toMatchObject({ isStart: true, steps: [{ step: 1 }, { step: 2 }, { step: 3 }] })
    expect(joinLive(null, liveOf([3])).isStart).toBe(true)
  })

  test('merges neighbours where there are too many', () => {
    const start = liveOf([1, 2, 3, 4], true)
    const joined = joinLive(start, liveOf([5]), 4)
    expect(joined.steps.map(({ step }) => step)).toEqual([4, 5])
    expect(start.steps).toHaveLength(4)
  })
})
