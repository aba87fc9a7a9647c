import type { ProbeReport, Protocol } from '../../src-shared/reports.ts'
import type { SplitChoice } from './choices.svelte.ts'

type Report = ProbeReport<'flatness'>
type Split = Report['checkpoints'][number]['exits'][number]['split']

/** Protocols that were measured, in their order. */
export const protocolsOf = ({ checkpoints }: Report): Protocol[] =>
  (['a', 'b', 'c'] as const).filter((name) =>
    checkpoints.some(({ exits }) => exits.some((row) => row.protocol === name))
  )

/** Splits that were measured, the most telling first. */
export const splitsOf = ({ checkpoints }: Report): Split[] =>
  (['test', 'given', 'train'] as const).filter((name) =>
    checkpoints.some(({ exits }) => exits.some((row) => row.split === name))
  )

/** The splits to show: those chosen, as far as they were measured, else all that were. */
export function shownSplits(report: Report, choice: SplitChoice): Split[] {
  const measured = splitsOf(report)
  const chosen = measured.filter((name) => choice === 'both' || name === choice)
  return chosen.length > 0 ? chosen : measured
}

/** What is kept of a report. */
export type ShownPart = { protocols: readonly Protocol[]; splits: readonly Split[]; exits: readonly number[] }

/**
 * A report with these protocols, splits and exits only; its note on the data names the splits that are left. Checkpoints
 * without any of the exits stay, so that every subject keeps its dash and marker.
 */
export function takePart(report: Report, { protocols, splits, exits }: ShownPart): Report {
  const isShown = (row: { protocol: Protocol; split: Split; exit: number }) =>
    protocols.includes(row.protocol) && splits.includes(row.split) && exits.includes(row.exit)
  const { data } = report.provenance
  const isCut = splitsOf(report).length > splits.length
  return {
    ...report,
    provenance: { ...report.provenance, data: data && isCut ? { ...data, split: splits.join(' and ') } : data },
    checkpoints: report.checkpoints.map((entry) => ({
      ...entry,
      exits: entry.exits.filter(isShown),
      drops: entry.drops.filter(isShown)
    }))
  }
}
