import type { LoggedCurve } from '../../../src-shared/reports.ts'

/** Values of one tag as they were logged, in any order; without wall times where the file has none. */
export type RawCurve = Omit<LoggedCurve, 'file'>

/** Most points of a curve in a report. */
const mostPoints = 2000

/**
 * A curve by ascending step, of at most 2,000 points: where there are more, the lowest and the highest of each of some
 * stretches, and the first and last of all.
 */
export function thinCurve({ tag, unit, steps, values, wallTimes }: RawCurve): RawCurve {
  const order = Uint32Array.from(steps.keys())
  order.sort((a, b) => steps[a]! - steps[b]! || a - b)
  const kept = order.length <= mostPoints ? Array.from(order) : keepExtremes(order, values)
  const pick = (list: readonly number[]) => kept.map((index) => list[index]!)
  return { tag, unit, steps: pick(steps), values: pick(values), wallTimes: wallTimes.length ? pick(wallTimes) : [] }
}

function keepExtremes(order: Uint32Array, values: readonly number[]): number[] {
  const stretches = Math.floor((mostPoints - 2) / 2)
  const kept = new Set<number>([0, order.length - 1])
  for (let stretch = 0; stretch < stretches; stretch++) {
    const from = Math.floor((stretch * order.length) / stretches)
    const to = Math.floor(((stretch + 1) * order.length) / stretches)
    let [low, high] = [from, from]
    for (let at = from; at < to; at++) {
      const value = values[order[at]!]!
      const [lowest, highest] = [values[order[low]!]!, values[order[high]!]!]
      // What is no number is the lowest: a curve that broke off must show it.
      if (value < lowest || (Number.isNaN(value) && !Number.isNaN(lowest))) low = at
      if (value > highest || Number.isNaN(highest)) high = at
    }
    kept.add(low).add(high)
  }
  return [...kept].sort((a, b) => a - b).map((at) => order[at]!)
}
