import { interpolateCurve } from '../figures/curves.ts'
import type { FlatnessRow } from '../figures/flatness-series.ts'

/** A subject's value at an exit, and what noise has changed; NaN where the curve does not reach. */
export type Reading = { value: number; change: number }
/** One split's values at a sigma: a list of exits for each subject, in the figure's order. */
export type ReadBlock = { split: FlatnessRow['split']; exits: number[]; subjects: (Reading | null)[][] }

/** Values of every curve of the rows at `sigma`, linear between the points measured; null where there is no curve. */
export function readAt(rows: readonly FlatnessRow[], subjects: number, sigma: number): ReadBlock[] {
  return rows.map(({ split, panels }) => ({
    split,
    exits: panels.map(({ exit }) => exit),
    subjects: Array.from({ length: subjects }, (_, subject) =>
      panels.map(({ curves }) => {
        const curve = curves.find((one) => one.subject === subject)
        if (!curve) return null
        const value = interpolateCurve(curve.points, sigma)
        return { value, change: value - interpolateCurve(curve.points, 0) }
      })
    )
  }))
}
