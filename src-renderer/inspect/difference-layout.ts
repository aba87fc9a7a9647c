import { linearAxis, logAxis, type AxisScale } from '../figures/ticks.ts'
import { textWidth } from '../figures/text-width.ts'
import { fontSize } from '../figures/theme.ts'
import type { Rect } from '../figures/types.ts'
import type { DiffBar, DiffGroup } from './diff-rows.ts'

/** A bar at its place; `height` 0 where nothing changed, `isWhole` where it reaches out of the scale or was not compared. */
export type PlacedBar = { bar: DiffBar; x: number; y: number; width: number; height: number; isCompared: boolean }
export type PlacedGroup = { label: string; stage: number | null; x: number; width: number; bars: PlacedBar[] }

const gap = 8

/** The scale of relative changes: from the smallest that there is where it is logarithmic, else from zero. */
export function changeAxis(groups: readonly DiffGroup[], isLog: boolean, range: [number, number]): AxisScale {
  const changes = groups
    .flatMap(({ bars }) => bars.map(({ relative }) => relative))
    .filter((one) => one > 0 && one < Infinity)
  const most = changes.length > 0 ? Math.max(...changes) : 1
  if (!isLog || changes.length === 0) return linearAxis([0, most], { range, spacing: 32, nice: true })
  const least = Math.min(...changes)
  // Below a ten-billionth nothing is a change worth a scale.
  return logAxis([Math.max(Math.min(least / 1.5, most / 10), most * 1e-10), most], { range, spacing: 32 })
}

/** Bars from left to right, groups apart; a label that does not fit its group's width is left out. */
export function placeGroups(groups: readonly DiffGroup[], rect: Rect, axis: AxisScale): PlacedGroup[] {
  const count = groups.reduce((sum, { bars }) => sum + bars.length, 0)
  const between = Math.min(gap, rect.width / Math.max(1, 3 * groups.length))
  const pitch = (rect.width - between * groups.length) / Math.max(1, count)
  const floor = rect.y + rect.height
  let x = rect.x
  return groups.map(({ label, stage, bars }) => {
    const start = x + between / 2
    const width = bars.length * pitch
    x += width + between
    const placed = bars.map((bar, i): PlacedBar => {
      const isCompared = bar.state === 'equal' || bar.state === 'differs'
      const top = bar.relative === Infinity ? rect.y : axis.position(bar.relative)
      const height =
        bar.relative > 0 ? Math.max(1.5, Math.min(rect.height, floor - (Number.isFinite(top) ? top : floor))) : 0
      const inset = pitch > 4 ? 1 : pitch / 8
      return { bar, x: start + i * pitch + inset, y: floor - height, width: pitch - 2 * inset, height, isCompared }
    })
    const fits = textWidth(label, fontSize.small) <= width + between
    return { label: fits ? label : '', stage, x: start, width, bars: placed }
  })
}
