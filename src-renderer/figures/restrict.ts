import type { AnyReport } from '../../src-shared/reports.ts'

/**
 * A report without the exits that are not in `exits` (1-based); reports that are not per exit stay as they are. Of maps
 * a checkpoint that has none of them is left out, unless that would leave no checkpoint; elsewhere it stays, so that the
 * others keep their dash and marker.
 */
export function restrictExits<R extends AnyReport>(report: R, exits: readonly number[]): R {
  if (report.kind === 'gradients' || report.kind === 'history') return report
  const checkpoints = report.checkpoints.map((entry) => ({
    ...entry,
    exits: (entry.exits as { exit: number }[]).filter(({ exit }) => exits.includes(exit))
  }))
  const shown = report.kind === 'embedding' ? checkpoints.filter((entry) => entry.exits.length > 0) : checkpoints
  return { ...report, checkpoints: shown.length > 0 ? shown : checkpoints } as R
}
