import { formatCsv } from '../../src-shared/csv.ts'
import type { ProbeReport, Protocol } from '../../src-shared/reports.ts'
import { mean, variance } from '../../src-shared/science/statistics.ts'
import { shownDrops } from '../figures/flatness-series.ts'
import { groupSubjects } from '../figures/subjects.ts'

type Report = ProbeReport<'flatness'>
type Entry = Report['checkpoints'][number]
type Split = Entry['drops'][number]['split']

/** Sigma at a drop over a subject's seeds: NaN unless all of them reach it. */
export type DropCell = {
  drop: number
  mean: number
  /** Standard deviation over the seeds (n - 1); NaN with one seed. */
  deviation: number
  low: number
  high: number
  /** How many of the seeds fall so far within the noise that was measured. */
  reached: number
  seeds: number
}
export type DropRow = { subject: string; subjectIndex: number; exit: number; cells: DropCell[] }
export type DropBlock = { protocol: Protocol; split: Split; rows: DropRow[] }

function makeCell(
  members: readonly Entry[],
  key: { protocol: Protocol; split: Split; exit: number },
  drop: number
): DropCell {
  const sigmas = members.map(
    ({ drops }) =>
      drops.find(
        (row) => row.drop === drop && row.exit === key.exit && row.split === key.split && row.protocol === key.protocol
      )?.sigma ?? NaN
  )
  const finite = sigmas.filter(Number.isFinite)
  const isWhole = finite.length === sigmas.length
  return {
    drop,
    mean: isWhole ? mean(sigmas) : NaN,
    deviation: isWhole ? Math.sqrt(variance(sigmas, true)) : NaN,
    low: isWhole ? Math.min(...sigmas) : NaN,
    high: isWhole ? Math.max(...sigmas) : NaN,
    reached: finite.length,
    seeds: sigmas.length
  }
}

/** Sigma at a drop of 1, 5 and 10 points for every subject and exit: a block for each protocol and split that is there. */
export function tabulateDrops(report: Report): DropBlock[] {
  const subjects = groupSubjects(report.checkpoints)
  return (['a', 'b', 'c'] as const).flatMap((protocol) =>
    (['test', 'given', 'train'] as const).flatMap((split): DropBlock[] => {
      const rows = subjects.flatMap(({ label, members }, subjectIndex) => {
        const here = members.flatMap(({ drops }) =>
          drops.filter((row) => row.protocol === protocol && row.split === split)
        )
        const exits = [...new Set(here.map(({ exit }) => exit))].sort((a, b) => a - b)
        return exits.map((exit) => ({
          subject: label,
          subjectIndex,
          exit,
          cells: shownDrops.map((drop) => makeCell(members, { protocol, split, exit }, drop))
        }))
      })
      return rows.length > 0 ? [{ protocol, split, rows }] : []
    })
  )
}

const header = [
  'protocol',
  'split',
  'subject',
  'exit',
  'drop in points',
  'sigma',
  'standard deviation over seeds',
  'lowest seed',
  'highest seed',
  'seeds'
]
const numberText = (value: number): string => (Number.isFinite(value) ? String(Number(value.toPrecision(6))) : '')

function cellsOf(blocks: readonly DropBlock[]): string[][] {
  return blocks.flatMap(({ protocol, split, rows }) =>
    rows.flatMap(({ subject, exit, cells }) =>
      cells.map(({ drop, mean, deviation, low, high, seeds }) => [
        protocol.toUpperCase(),
        split,
        subject,
        `${exit}`,
        `${drop}`,
        numberText(mean),
        numberText(deviation),
        numberText(low),
        numberText(high),
        `${seeds}`
      ])
    )
  )
}

/** The blocks as CSV (RFC 4180), one sigma a row; empty where a drop is not reached. */
export const dropsAsCsv = (blocks: readonly DropBlock[]): string => formatCsv(header, cellsOf(blocks))

/** The same with tabs, as spreadsheets and documents take it from the clipboard. */
export const dropsAsText = (blocks: readonly DropBlock[]): string =>
  [header, ...cellsOf(blocks)].map((row) => `${row.map((cell) => cell.replace(/\s/g, ' ')).join('\t')}\n`).join('')
