import { area, line, mean } from 'd3'

/** A point of a curve, with the band around it; low and high are NaN where there is no band. */
export type CurvePoint = { x: number; y: number; low: number; high: number }
/** Maps a value to a pixel. */
export type Position = (value: number) => number

/** Value of a curve between its points, linearly; NaN outside of them. */
export function interpolateCurve(points: readonly CurvePoint[], x: number): number {
  for (let i = 0; i < points.length; i++) {
    const right = points[i]
    if (right === undefined || right.x < x) continue
    if (right.x === x) return right.y
    const left = points[i - 1]
    if (left === undefined) return NaN
    return left.y + ((right.y - left.y) * (x - left.x)) / (right.x - left.x)
  }
  return NaN
}

/** Mean of numbers that are finite, with the lowest and highest; a band of its own only from two on. */
export function summarizeSeeds(values: readonly number[]): { y: number; low: number; high: number } {
  const finite = values.filter(Number.isFinite)
  if (finite.length < 2) return { y: finite[0] ?? NaN, low: NaN, high: NaN }
  return { y: mean(finite) ?? NaN, low: Math.min(...finite), high: Math.max(...finite) }
}

/** One curve out of the curves of several seeds: mean and range where all of them are known; one curve stays as it is. */
export function mergeSeeds(curves: readonly (readonly CurvePoint[])[]): CurvePoint[] {
  const known = curves
    .map((points) => points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y)).sort((a, b) => a.x - b.x))
    .filter((points) => points.length > 0)
  if (known.length < 2) return known[0] ?? []
  const grid = [...new Set(known.flatMap((points) => points.map(({ x }) => x)))].sort((a, b) => a - b)
  return grid.flatMap((x) => {
    const values = known.map((points) => interpolateCurve(points, x))
    return values.every(Number.isFinite) ? [{ x, ...summarizeSeeds(values) }] : []
  })
}

/** Lowest and highest of the numbers that are finite; the fallback where there is none, widened where they are equal. */
export function extentOf(values: Iterable<number>, fallback: readonly [number, number]): [number, number] {
  let low = Infinity
  let high = -Infinity
  for (const value of values) {
    if (!Number.isFinite(value)) continue
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  if (low > high) return [fallback[0], fallback[1]]
  if (low < high) return [low, high]
  const room = low === 0 ? 1 : Math.abs(low) * 0.1
  return [low - room, high + room]
}

const finite = (...values: number[]): boolean => values.every(Number.isFinite)

/** SVG path through the points that can be drawn; gaps where one can't. */
export function linePath(points: readonly CurvePoint[], x: Position, y: Position): string {
  const draw = line<CurvePoint>()
    .defined((p) => finite(x(p.x), y(p.y)))
    .x((p) => x(p.x))
    .y((p) => y(p.y))
    .digits(2)
  return draw([...points]) ?? ''
}

/** SVG path of the band; empty where no point has one. */
export function bandPath(points: readonly CurvePoint[], x: Position, y: Position): string {
  const draw = area<CurvePoint>()
    .defined((p) => finite(x(p.x), y(p.low), y(p.high)))
    .x((p) => x(p.x))
    .y0((p) => y(p.low))
    .y1((p) => y(p.high))
    .digits(2)
  return draw([...points]) ?? ''
}

/** Points of a curve that are at least `gap` pixels apart, the first included: where markers go. */
export function spacedPoints(points: readonly CurvePoint[], x: Position, y: Position, gap: number): CurvePoint[] {
  let last: [number, number] | null = null
  return points.filter((p) => {
    const at: [number, number] = [x(p.x), y(p.y)]
    if (!finite(...at)) return false
    if (last !== null && Math.hypot(at[0] - last[0], at[1] - last[1]) < gap) return false
    last = at
    return true
  })
}
