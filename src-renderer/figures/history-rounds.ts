import type { ProbeReport } from '../../src-shared/reports.ts'
import type { HistoryUnit } from './history-units.ts'
import { textWidth } from './text-width.ts'
import { fontSize } from './theme.ts'

type Report = ProbeReport<'history'>
type Entry = Report['checkpoints'][number]

/** Where the rounds of one run end, the one that goes on left out: epochs, or steps. */
function endsOf({ epochsPerRound, steps, epochs }: Entry, xUnit: HistoryUnit): number[] {
  if (epochsPerRound === undefined || epochsPerRound < 1) return []
  if (xUnit === 'epoch') {
    const last = epochs.reduce((most, { epoch }) => Math.max(most, epoch), 0)
    return Array.from({ length: Math.max(0, Math.ceil(last / epochsPerRound) - 1) }, (_, k) => (k + 1) * epochsPerRound)
  }
  const ends = new Map<number, number>()
  for (const { step, epoch } of steps) ends.set(Math.ceil(epoch / epochsPerRound), step)
  return [...ends.values()].slice(0, -1)
}

/**
 * Where one round ends and the next begins, on axes of epochs and steps. Runs whose rounds are of different length have
 * no lines in common, so there are none.
 */
export function roundEnds({ checkpoints }: Report, xUnit: HistoryUnit): number[] {
  if (xUnit !== 'epoch' && xUnit !== 'step') return []
  const all = checkpoints.map((entry) => endsOf(entry, xUnit)).filter((ends) => ends.length > 0)
  const longest = all.reduce<number[]>((most, ends) => (ends.length > most.length ? ends : most), [])
  return all.every((ends) => ends.every((end, k) => end === longest[k])) ? longest : []
}

/** The name of a round and the pixel where it begins; empty where there is no room for it. */
export type RoundLabel = { text: string; at: number }

const room = 4

/** Names of the rounds between two pixels, parted at `ends`; only their numbers where not all names fit. */
export function placeRounds(ends: readonly number[], range: readonly [number, number]): RoundLabel[] {
  const starts = [range[0], ...ends]
  const widths = starts.map((start, k) => (ends[k] ?? range[1]) - start - room)
  const fits = (text: string, k: number): boolean => textWidth(text, fontSize.small) <= (widths[k] ?? 0)
  const isWhole = starts.every((_, k) => fits(`Round ${k + 1}`, k))
  return starts.map((start, k) => {
    const text = isWhole ? `Round ${k + 1}` : `${k + 1}`
    return { text: fits(text, k) ? text : '', at: start + room }
  })
}
