import { scaleLinear, scaleLog } from 'd3'
import { formatTick } from './numbers.ts'
import { fontSize } from './theme.ts'
import { textWidth } from './text-width.ts'

/** A tick at a pixel along its axis; a minor one has no text. */
export type Tick = { at: number; label: string }
/** A scale that a figure draws with: values to pixels, and its ticks. */
export type AxisScale = {
  kind: 'linear' | 'log'
  position: (value: number) => number
  /** The value at a pixel. */
  invert: (pixel: number) => number
  ticks: Tick[]
}

type Options = {
  /** Pixels of the first and the last value. */
  range: readonly [number, number]
  /** Pixels between ticks, about. */
  spacing: number
  /** Labels lie along the axis, so that they may collide. */
  horizontal?: boolean
  nice?: boolean
  format?: (value: number) => string
  /** Only whole numbers get a tick. */
  integer?: boolean
}

/** Drops the labels that would touch the one before; the ticks stay. */
function clearCollisions(ticks: Tick[]): Tick[] {
  let end = -Infinity
  return ticks.map((tick) => {
    const half = textWidth(tick.label, fontSize.small) / 2
    if (tick.label === '' || tick.at - half < end + 6) return { ...tick, label: '' }
    end = tick.at + half
    return tick
  })
}

/** A linear axis with round ticks. */
export function linearAxis(domain: readonly [number, number], options: Options): AxisScale {
  const { range, spacing, format = formatTick } = options
  const count = Math.max(2, Math.round(Math.abs(range[1] - range[0]) / spacing))
  const scale = scaleLinear().domain(domain).range(range)
  if (options.nice) scale.nice(count)
  const values = scale.ticks(count).filter((value) => !options.integer || Number.isInteger(value))
  const ticks = values.map((value) => ({ at: scale(value), label: format(value) }))
  return {
    kind: 'linear',
    position: (value) => scale(value),
    invert: (pixel) => scale.invert(pixel),
    ticks: options.horizontal ? clearCollisions(ticks) : ticks
  }
}

/** 1, 2 and 5 times powers of ten from below the first value to above the last. */
function roundSteps(low: number, high: number): number[] {
  const steps: number[] = []
  for (let power = Math.floor(Math.log10(low)) - 1; power <= Math.ceil(Math.log10(high)); power++) {
    for (const factor of [1, 2, 5]) steps.push(Number(`${factor}e${power}`))
  }
  return steps
}

/** A logarithmic axis; the domain must be positive and grows to the next 1, 2 or 5 times a power of ten. */
export function logAxis(domain: readonly [number, number], options: Options): AxisScale {
  const { range, spacing, format = formatTick } = options
  const steps = roundSteps(domain[0], domain[1])
  const low = steps.findLast((step) => step <= domain[0] * (1 + 1e-9)) ?? domain[0]
  const high = steps.find((step) => step >= domain[1] * (1 - 1e-9)) ?? domain[1]
  const scale = scaleLog().domain([low, high]).range(range)
  const inside = steps.filter((step) => step >= low * (1 - 1e-9) && step <= high * (1 + 1e-9))
  const most = Math.max(2, Math.floor(Math.abs(range[1] - range[0]) / spacing) + 1)
  const powers = inside.filter((step) => Number.isInteger(Number(Math.log10(step).toFixed(9))))
  const stride = Math.ceil(powers.length / most)
  const labelled = new Set(
    inside.length <= most || powers.length < 2 ? inside : powers.filter((_, i) => i % stride === 0)
  )
  const ticks = inside
    .filter((step) => labelled.has(step) || powers.length <= most * 2)
    .map((step) => ({ at: scale(step), label: labelled.has(step) ? format(step) : '' }))
  return {
    kind: 'log',
    position: (value) => (value > 0 ? scale(value) : NaN),
    invert: (pixel) => scale.invert(pixel),
    ticks: options.horizontal ? clearCollisions(ticks) : ticks
  }
}

/** Width of the widest label, for the margin beside a vertical axis. */
export function widestLabel(ticks: readonly Tick[]): number {
  return Math.max(0, ...ticks.map(({ label }) => textWidth(label, fontSize.small)))
}
