import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Frame } from '../../../src-shared/library.ts'
import {
  atFrame,
  deepestAccuracies,
  followFrame,
  frameIndex,
  nextShown
} from '../../../src-renderer/timeline/frames.ts'
import { sparkline } from '../../../src-renderer/timeline/sparkline.ts'
import { makeItem } from '../items.ts'
import { makeFrames } from './make-frames.ts'

describe('a timeline at a frame', () => {
  const item = makeItem({ name: 'run', frames: makeFrames([1, 5, 12]) })

  it('is the checkpoint of that epoch, with what was measured of it', () => {
    const shown = atFrame(item, 1)
    expect(shown).toMatchObject({ id: item.id, path: '/frames/5.pth', hash: 'h5', name: 'run · epoch 5', group: 'one' })
    expect(shown.exits.map(({ accuracy }) => accuracy)).toEqual([null, null, null, 0.05])
    expect(shown.exits.map(({ multiplyAdds }) => multiplyAdds)).toEqual(item.exits.map((exit) => exit.multiplyAdds))
  })

  it('is the last one by default, and where the chosen one is gone', () => {
    expect(atFrame(item, undefined).path).toBe('/frames/12.pth')
    expect(atFrame(item, 99).path).toBe('/frames/12.pth')
    expect(frameIndex(item.frames!, undefined)).toBe(2)
  })

  it('is the item itself where it has no frames, or a single one', () => {
    const plain = makeItem()
    expect(atFrame(plain, 3)).toBe(plain)
    const single = makeItem({ frames: makeFrames([1]) })
    expect(atFrame(single, 0)).toBe(single)
  })
})

describe('another timeline follows', () => {
  it('to the nearest epoch', () => {
    const [sparse, dense] = [makeFrames([10, 20, 30]), makeFrames([1, 4, 9, 14, 16, 29])]
    expect([0, 1, 2].map((i) => followFrame(dense, sparse, i))).toEqual([2, 4, 5])
    expect([0, 2, 3, 5].map((i) => followFrame(sparse, dense, i))).toEqual([0, 0, 0, 2])
  })

  it('at the same share of the way where epochs are unknown', () => {
    const [short, long] = [makeFrames([null, null, null]), makeFrames([null, null, null, null, null])]
    expect([0, 1, 2].map((i) => followFrame(long, short, i))).toEqual([0, 2, 4])
    expect(followFrame(long, makeFrames([3]), 0)).toBe(0)
  })

  it('never beyond its ends', () => {
    const epochs = fc.array(fc.option(fc.nat(50)), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(epochs, epochs, fc.nat(7), (a, b, at) => {
        const to = followFrame(makeFrames(a), makeFrames(b), Math.min(at, b.length - 1))
        expect(to).toBeGreaterThanOrEqual(0)
        expect(to).toBeLessThan(a.length)
      })
    )
  })
})

describe('play', () => {
  it('goes through the frames with results, and round', () => {
    const has = [true, false, true, true]
    expect([0, 1, 2, 3].map((i) => nextShown(has, i))).toEqual([2, 2, 3, 0])
  })
  it('needs two of them', () => {
    expect(nextShown([false, true, false], 0)).toBeNull()
    expect(nextShown([], 0)).toBeNull()
  })
})

describe('the line of accuracies', () => {
  it('goes through the measured epochs, with gaps', () => {
    const frames = makeFrames([10, null, 50, 40]) as Frame[]
    expect(deepestAccuracies(frames)).toEqual([0.1, NaN, 0.5, 0.4])
    expect(sparkline([0.1, NaN, 0.5, 0.4])).toBe('M0,100M66.67,0L100,25')
  })
  it('is flat in the middle where all are equal, and not drawn for fewer than two', () => {
    expect(sparkline([0.5, 0.5])).toBe('M0,50L100,50')
    expect(sparkline([0.5, NaN])).toBe('')
    expect(sparkline([])).toBe('')
  })
})
