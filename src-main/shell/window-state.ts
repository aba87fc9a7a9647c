import type { Rectangle } from 'electron'
import { z } from 'zod'
import { openJsonFile, type JsonFile } from './json-file.ts'

const pixels = z.number().int().min(-100_000).max(100_000)
const windowStateSchema = z.object({
  /** Of the window when it is not maximised, in the screens' common coordinates; null before it was ever moved. */
  bounds: z.object({ x: pixels, y: pixels, width: pixels, height: pixels }).nullable(),
  isMaximized: z.boolean(),
  /** Background of the page when it was last seen, `#rrggbb`. */
  background: z
    .string()
    .regex(/^#[0-9a-f]{6}$/i)
    .nullable()
})
export type WindowState = z.infer<typeof windowStateSchema>

/** Where the window was when it was last closed. */
export const openWindowState = (path: string): JsonFile<WindowState> =>
  openJsonFile(path, windowStateSchema, { bounds: null, isMaximized: false, background: null })

export const smallest = { width: 960, height: 640 } as const
const usual = { width: 1440, height: 900 } as const
/** So much of the strip that moves the window must be on a screen: pixels. */
const handle = { width: 120, height: 32 } as const

/**
 * Where a window opens. `areas`: the parts of the screens that windows may use, the main one first. A place that is on
 * no screen any more is forgotten; a size that no longer fits is made smaller.
 */
export function placeWindow(bounds: Rectangle | null, areas: readonly Rectangle[]): Partial<Rectangle> & Size {
  const area = bounds && areas.find((one) => isReachable(bounds, one))
  if (bounds && area) {
    const size = fit(bounds, area)
    const within = (at: number, length: number, start: number, room: number) =>
      Math.round(Math.max(start, Math.min(at, start + room - length)))
    return {
      ...size,
      x: within(bounds.x, size.width, area.x, area.width),
      y: within(bounds.y, size.height, area.y, area.height)
    }
  }
  return fit(bounds ?? usual, areas[0] ?? { x: 0, y: 0, ...usual })
}

type Size = { width: number; height: number }

function fit({ width, height }: Size, area: Size): Size {
  return {
    width: Math.max(smallest.width, Math.min(width, area.width)),
    height: Math.max(smallest.height, Math.min(height, area.height))
  }
}

function isReachable({ x, y, width }: Rectangle, area: Rectangle): boolean {
  const seen = Math.min(x + width, area.x + area.width) - Math.max(x, area.x)
  return seen >= handle.width && y >= area.y - handle.height && y <= area.y + area.height - handle.height
}
